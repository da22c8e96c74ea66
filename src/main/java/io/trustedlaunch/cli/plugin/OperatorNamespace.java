package io.trustedlaunch.cli.plugin;

import picocli.CommandLine.Option;

/** Where the operator is. */
final class OperatorNamespace {
    @Option(
            names = "--operator-namespace",
            defaultValue = "trusted-launch-system",
            paramLabel = "NAME",
            description = "Namespace of the operator. Default: ${DEFAULT-VALUE}.")
    private String name;

    @Override
    public String toString() {
        return name;
    }
}
