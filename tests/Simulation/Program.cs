// The tests, and the program that runs more seeds than tests should: `simulate` and `mutants`.
return await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
