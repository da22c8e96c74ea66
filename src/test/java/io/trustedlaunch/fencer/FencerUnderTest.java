package io.trustedlaunch.fencer;

import io.trustedlaunch.cli.fencer.FencerMain;
import io.trustedlaunch.testkit.Cluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A fencer in its own process, with the permissions that it has in production. */
final class FencerUnderTest implements AutoCloseable {
    static final String NAMESPACE = "trusted-launch-fencing";
    static final String ACCOUNT = "trusted-launch-fencer";

    private final Process process;

    private FencerUnderTest(Process process) {
        this.process = process;
    }

    /** @param name of the folder with its log, which is kept */
    static FencerUnderTest start(Cluster cluster, String name) {
        try {
            Path folder = Files.createDirectories(
                    Path.of("target", "fencer-it", Cluster.uniqueName(name)).toAbsolutePath());
            Path kubeconfig = folder.resolve("fencer.kubeconfig");
            Files.writeString(kubeconfig, cluster.kubeconfigWith(cluster.token(NAMESPACE, ACCOUNT, Optional.empty())));
            ProcessBuilder builder = new ProcessBuilder(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    FencerMain.class.getName(),
                    "fencer",
                    "--namespace",
                    NAMESPACE,
                    "--leader-elect-lease-seconds",
                    "3"));
            builder.environment().put("KUBECONFIG", kubeconfig.toString());
            builder.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("fencer.log").toFile()));
            return new FencerUnderTest(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Without a chance to give its Lease up. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
