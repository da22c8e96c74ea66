package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program helm; {@code bin/lab env} puts it in the path. */
public final class Helm {
    private static final Path CHART = Path.of("helm/trusted-launch-operator");
    private static final String RELEASE = "trusted-launch";

    private Helm() {}

    /** Installs the chart without workloads or upgrades it with its values. The caller applies CRDs: helm never upgrades them. */
    static void install(String namespace) {
        boolean installed = run("list", "--namespace", namespace, "--filter", "^" + RELEASE + "$", "--short")
                .contains(RELEASE);
        run(
                "upgrade",
                "--install",
                RELEASE,
                CHART.toString(),
                "--namespace",
                namespace,
                "--create-namespace",
                "--skip-crds",
                installed ? "--reset-then-reuse-values" : "--set=operator.enabled=false,agent.enabled=false");
    }

    /** The chart's manifests with one value set: {@code key=value}. */
    public static String render(String value) {
        return run("template", RELEASE, CHART.toString(), "--kube-version=1.32", "--set=" + value);
    }

    private static String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("helm"));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(String.join(" ", command) + ":\n" + output);
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted in " + command, e);
        } catch (IOException e) {
            throw new UncheckedIOException("helm is not in the path: eval \"$(bin/lab env NAME)\" puts it there", e);
        }
    }
}
