Console.WriteLine("usage: Bench form|idle");
