using Slotwise.Simulation;

// The tests, and the program that runs more seeds than tests should.
return args is [SimulateCommand.Name or MutantsCommand.Name, ..]
    ? await Commands.RunAsync(args)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
