package io.trustedlaunch.agent.shutdown;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The request and its answers, between an agent and the script for its host. */
class ShutdownWatchTest {
    private static final Path SCRIPT = Path.of("deploy/systemd/trusted-launch-stop-guests");
    private static final UUID ONE = new UUID(0, 1);
    private static final UUID OTHER = new UUID(0, 2);

    @TempDir
    private Path run;

    private final Map<UUID, String> left = new TreeMap<>(Map.of(ONE, "a/one: asked", OTHER, "a/other: asked"));
    private boolean idle = true;
    private int changes;
    private ShutdownWatch watch;

    @BeforeEach
    void makeWatch() {
        watch = new ShutdownWatch(new ShutdownRequest(run), () -> Map.copyOf(left), () -> idle, () -> changes++);
    }

    @Test
    void withoutARequestThereIsNoAnswer() throws IOException {
        watch.check();

        assertThat(changes).isZero();
        assertThat(run).isEmptyDirectory();
    }

    @Test
    void aRequestAndItsWithdrawalAreOneChangeEach() throws IOException {
        request();
        watch.check();
        watch.check();
        assertThat(changes).isEqualTo(1);

        Files.delete(run.resolve("stop-guests"));
        watch.check();
        assertThat(changes).isEqualTo(2);
        assertThat(run).isEmptyDirectory();
    }

    @Test
    void theAnswerHasTheNumberOfVmsLeftAndOfAll() throws IOException {
        request();
        assertThat(answer()).isEqualTo("waiting: 2 of 2 VMs left\na/one: asked\na/other: asked\n");
        left.remove(ONE);
        assertThat(answer()).isEqualTo("waiting: 1 of 2 VMs left\na/other: asked\n");
        left.clear();
        assertThat(answer()).startsWith("done: 2 VMs");
    }

    @Test
    void reportsOfEndsAreAwaitedForALimitedTime() throws IOException {
        left.clear();
        idle = false;
        request();
        List<String> answers = new ArrayList<>();
        for (int check = 0; check <= 30; check++) {
            answers.add(answer());
        }
        assertThat(answers.getFirst()).startsWith("waiting: the end");
        assertThat(answers.getLast()).startsWith("done:");
    }

    @Test
    void aHypervisorThatDoesNotRespondIsWaitedFor() throws IOException {
        watch = new ShutdownWatch(
                new ShutdownRequest(run),
                () -> {
                    throw new IllegalStateException("libvirtd does not answer");
                },
                () -> true,
                () -> changes++);
        request();

        assertThat(answer()).isEqualTo("waiting: libvirtd does not answer\n");
    }

    @Test
    void theScriptWaitsUntilNoVmIsLeft() throws Exception {
        left.clear();
        watch.start();
        try {
            Ended ended = script();
            assertThat(ended.output()).contains("done: no VM is left on this host");
            assertThat(ended.status()).isZero();
            assertThat(new ShutdownRequest(run).isPending()).isTrue();

            assertThat(script("--cancel").status()).isZero();
            assertThat(new ShutdownRequest(run).isPending()).isFalse();
        } finally {
            watch.close();
        }
    }

    @Test
    void theScriptTimesOutAndPrintsTheVmsLeft() throws Exception {
        watch.start();
        try {
            Ended ended = script("--timeout", "1");
            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.output()).contains("2 of 2 VMs left", "a/one: asked", "gave up after 1 seconds");
            assertThat(new ShutdownRequest(run).isPending()).isTrue();
        } finally {
            watch.close();
        }
    }

    @Test
    void theScriptReportsAnAgentThatDoesNotAnswer() throws Exception {
        Ended ended = script("--patience", "1");

        assertThat(ended.output()).contains("the agent does not answer");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void anExistingRequestIsNotReplaced() throws Exception {
        request();
        var since = new ShutdownRequest(run).since();

        script("--patience", "1");

        assertThat(new ShutdownRequest(run).since()).isEqualTo(since);
    }

    private void request() throws IOException {
        Files.createFile(run.resolve("stop-guests"));
    }

    private String answer() throws IOException {
        watch.check();
        return Files.readString(run.resolve("stop-guests.answer"));
    }

    private record Ended(int status, String output) {}

    private Ended script(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sh", SCRIPT.toString(), "--run-dir", run.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), output);
    }
}
