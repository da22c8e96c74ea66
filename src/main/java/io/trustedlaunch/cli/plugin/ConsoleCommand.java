package io.trustedlaunch.cli.plugin;

import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.cli.plugin.console.ConsoleSession;
import io.trustedlaunch.cli.plugin.console.RequestedConsole;
import picocli.CommandLine.Command;

/** Connects to the agent that the status of a VMConsole names. */
@Command(
        name = "console",
        description = {
            "Connect to the serial console of a VM. The session follows the VM when it migrates or restarts."
                    + " Press Ctrl+] to disconnect.",
            "A new session takes the console over from an open one. If standard input is a pipe, the session ends with it."
        })
final class ConsoleCommand extends VmConsoleCommand {
    ConsoleCommand() {
        super(ConsoleKind.Serial);
    }

    @Override
    int run(RequestedConsole console) throws InterruptedException {
        return new ConsoleSession(console, err()).run();
    }
}
