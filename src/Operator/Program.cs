using Slotwise.Operator.CommandLine;

return await SlotwiseCommand.RunAsync(args);
