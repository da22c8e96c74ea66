package io.trustedlaunch.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The plugin of kubectl: {@code bin/kubectl-tlvm} starts it. */
@Command(
        name = "kubectl tlvm",
        description = "Trusted launch VMs from the command line.",
        mixinStandardHelpOptions = true,
        subcommands = {RecoverCommand.class})
public final class KubectlTlvm {
    public static void main(String[] args) {
        System.exit(new CommandLine(new KubectlTlvm()).execute(args));
    }
}
