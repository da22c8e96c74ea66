package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The program helm; {@code bin/lab env} puts it in the path. */
public final class Helm {
    public static final Path CHART = Path.of("helm/trusted-launch-operator");
    private static final String RELEASE = "trusted-launch";

    private Helm() {}

    /** Installs the chart without workloads or upgrades it with its values. */
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
                installed
                        ? "--reset-then-reuse-values"
                        : "--set=operator.enabled=false,agent.enabled=false,fencing.enabled=true,fencing.fencer.enabled=false");
    }

    /** Returns the values that the installation had. */
    public static Path uninstall(String namespace) {
        try {
            Path values = Files.createTempFile("values", ".yaml");
            Files.writeString(values, run("get", "values", RELEASE, "--namespace", namespace, "--output", "yaml"));
            run("uninstall", RELEASE, "--namespace", namespace, "--wait");
            return values;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void install(String namespace, Path values) {
        run("install", RELEASE, CHART.toString(), "--namespace", namespace, "--values", values.toString());
    }

    /** Installs the product, or upgrades it with its values, and waits until its pods are ready. */
    public static void installWorkloads(String namespace, String... values) {
        installWorkloads(namespace, CHART, values);
    }

    /** Of another version. */
    public static void installWorkloads(String namespace, Path chart, String... values) {
        List<String> arguments = new ArrayList<>(List.of(
                "upgrade",
                "--install",
                RELEASE,
                chart.toString(),
                "--namespace=" + namespace,
                "--create-namespace",
                "--reset-then-reuse-values",
                "--wait",
                "--timeout=10m"));
        Stream.of(values).map(value -> "--set=" + value).forEach(arguments::add);
        run(arguments.toArray(String[]::new));
    }

    /** Runs the chart's test. */
    public static void test(String namespace) {
        run("test", RELEASE, "--namespace", namespace, "--timeout=5m");
    }

    /** Upgrades the installation to another chart, with its values. */
    public static void upgrade(String namespace, Path chart) {
        run("upgrade", RELEASE, chart.toString(), "--namespace", namespace, "--reset-then-reuse-values");
    }

    /** The chart's manifests with these values set: {@code key=value}. Fails with what helm says. */
    public static String render(String... values) {
        return renderIn("trusted-launch-system", values);
    }

    /** The same for a release in another namespace. */
    public static String renderIn(String namespace, String... values) {
        List<String> arguments = new ArrayList<>(
                List.of("template", RELEASE, CHART.toString(), "--namespace=" + namespace, "--kube-version=1.32"));
        Stream.of(values).map(value -> "--set=" + value).forEach(arguments::add);
        return run(arguments.toArray(String[]::new));
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
