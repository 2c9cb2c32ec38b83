// LocalKubernetes, whose controllers are simulated here, is for Linux; what of it runs here would run anywhere.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
