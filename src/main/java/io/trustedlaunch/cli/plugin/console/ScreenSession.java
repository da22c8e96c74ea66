package io.trustedlaunch.cli.plugin.console;

import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.cli.plugin.screen.RfbClient;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Opens connections to the screen of a VM, each on the node that the VMConsole's status names then. */
public final class ScreenSession implements AutoCloseable {
    /** The agent may see the VMConsole later than the user, and a migrating guest is briefly on no node. */
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(300);

    /** Longer than an agent takes to restart. */
    private static final Duration RETRY_LIMIT = Duration.ofSeconds(30);

    /** A screen answers at once. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration USE_LIMIT = Duration.ofMinutes(2);

    private final RequestedConsole console;
    private final TextOutput messages;
    private final ConsoleWatch watch;
    private String lastMessage = "";

    /** @param onDelete called once the VMConsole is gone */
    public ScreenSession(RequestedConsole console, TextOutput messages, Runnable onDelete) {
        this.console = console;
        this.messages = messages;
        this.watch = new ConsoleWatch(console.resource(), onDelete);
    }

    /** What is done with a screen by one connection. */
    @FunctionalInterface
    public interface Use {
        void of(RfbClient screen) throws IOException;
    }

    /**
     * Uses the screen once, which must be there soon.
     *
     * @throws IOException with the reason
     */
    public void use(Use use) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + RETRY_LIMIT.toNanos();
        Optional<ConsoleConnection> guest = connect(() -> System.nanoTime() - deadline > 0);
        try (ConsoleConnection open =
                guest.orElseThrow(() -> new IOException(isDeleted() ? "its VMConsole was deleted" : lastMessage))) {
            // A guest that has taken its QEMU over may answer byte by byte.
            var unused = CompletableFuture.runAsync(
                    open::close, CompletableFuture.delayedExecutor(USE_LIMIT.toSeconds(), TimeUnit.SECONDS));
            use.of(RfbClient.connect(open.output(PATIENCE), open.input()));
        }
    }

    /**
     * Waits until the VM runs. Empty if the VMConsole is deleted, or it is over.
     *
     * @throws IOException if the node that has the VM gives no connection for a while
     */
    Optional<ConsoleConnection> connect(BooleanSupplier over) throws IOException, InterruptedException {
        long failedNanos = 0;
        while (true) {
            Optional<VMConsoleStatus> target = watch.awaitTarget(over, this::print);
            if (target.isEmpty()) {
                return Optional.empty();
            }
            long begin = System.nanoTime();
            try {
                return Optional.of(ConsoleConnection.open(console, target.get()));
            } catch (IOException e) {
                if (failedNanos > RETRY_LIMIT.toNanos()) {
                    throw new IOException(
                            "cannot connect to the screen on node "
                                    + target.get().nodeName() + " ("
                                    + target.get().address() + ", port "
                                    + target.get().port() + "): " + e.getMessage(),
                            e);
                }
                Thread.sleep(RETRY_INTERVAL);
                failedNanos += System.nanoTime() - begin;
            }
        }
    }

    boolean isDeleted() {
        return watch.isDeleted();
    }

    void print(String message) {
        if (!message.equals(lastMessage)) {
            messages.line(message);
            lastMessage = message;
        }
    }

    @Override
    public void close() {
        watch.close();
    }
}
