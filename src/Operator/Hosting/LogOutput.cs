using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Slotwise.Operator.Hosting;

/// <summary>Logs for whoever reads them: a line of text in a terminal, a line of JSON anywhere else.</summary>
static class LogOutput
{
    public static void Configure(ILoggingBuilder logging, LogLevel level, bool isTerminal)
    {
        logging.SetMinimumLevel(level);
        logging.Services.AddSingleton(TimeProvider.System);
        logging.AddConsole(console => console.FormatterName = isTerminal ? LineLogFormatter.FormatterName : JsonLogFormatter.FormatterName);
        logging.Services.AddSingleton<ConsoleFormatter, LineLogFormatter>();
        logging.Services.AddSingleton<ConsoleFormatter, JsonLogFormatter>();
    }
}
