package io.trustedlaunch.cli.plugin.console;

import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import io.trustedlaunch.console.Frame;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.ExitCode;

/** Connects to the node that the VMConsole's status names, again after each migration, until either side ends it. */
public final class ConsoleSession {
    /** The agent may see the VMConsole later than the user, and a migrating guest is briefly on no node. */
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(300);

    /** Longer than an agent takes to restart. */
    private static final Duration RETRY_LIMIT = Duration.ofSeconds(30);

    private final RequestedConsole console;
    private final TextOutput messages;
    private final Keyboard keyboard = new Keyboard(System.in);
    private Optional<ConsoleConnection> connection = Optional.empty();
    private String lastMessage = "";

    public ConsoleSession(RequestedConsole console, TextOutput messages) {
        this.console = console;
        this.messages = messages;
    }

    /** @return the exit code */
    public int run() throws InterruptedException {
        try (ConsoleWatch watch = new ConsoleWatch(console.resource(), () -> {});
                RawTerminal terminal = StandardStream.stdin.isTerminal() ? RawTerminal.enter() : null;
                Screen screen = Screen.open()) {
            keyboard.start(() -> wake(watch));
            return keepConnected(watch, screen);
        } catch (IOException e) {
            throw new CommandException("cannot write to standard output: " + e.getMessage());
        }
    }

    private int keepConnected(ConsoleWatch watch, Screen screen) throws InterruptedException {
        long disconnectedNanos = 0;
        while (true) {
            Optional<VMConsoleStatus> target = watch.awaitTarget(keyboard::isClosed, this::print);
            if (target.isEmpty()) {
                return end();
            }
            long begin = System.nanoTime();
            String problem;
            try (ConsoleConnection open = ConsoleConnection.open(console, target.get())) {
                Frame last = connect(open, target.get(), screen);
                disconnectedNanos = 0;
                begin = System.nanoTime();
                switch (last) {
                    case Frame.Ended(String reason) -> {
                        print("disconnected: " + reason);
                        return ExitCode.SOFTWARE;
                    }
                    case Frame.Away(String reason) -> problem = reason;
                    case Frame.Opened opened -> problem = "protocol error: the agent accepted the session twice";
                    case Frame.Output output -> problem = "protocol error: unexpected output";
                }
            } catch (IOException e) {
                problem = String.valueOf(e.getMessage());
            }
            if (disconnectedNanos > RETRY_LIMIT.toNanos()) {
                throw new CommandException("cannot connect to the console on node "
                        + target.get().nodeName() + " (" + target.get().address() + ", port "
                        + target.get().port() + "): " + problem);
            }
            Thread.sleep(RETRY_INTERVAL);
            disconnectedNanos += System.nanoTime() - begin;
        }
    }

    /** @return the frame that ended the connection */
    private Frame connect(ConsoleConnection open, VMConsoleStatus target, Screen screen) {
        synchronized (this) {
            connection = Optional.of(open);
            if (keyboard.isClosed()) {
                return new Frame.Away("");
            }
        }
        print("connected to the console on node " + target.nodeName() + "; press Ctrl+] to disconnect");
        try {
            keyboard.connect(open.input());
            return open.copyOutput(screen);
        } catch (IOException e) {
            return new Frame.Away(String.valueOf(e.getMessage()));
        } finally {
            keyboard.disconnect();
            synchronized (this) {
                connection = Optional.empty();
            }
        }
    }

    private int end() {
        if (keyboard.isClosed()) {
            return ExitCode.OK;
        }
        print("disconnected: the VMConsole of this session was deleted");
        return ExitCode.SOFTWARE;
    }

    private void print(String message) {
        if (!message.equals(lastMessage)) {
            messages.notice(message);
            lastMessage = message;
        }
    }

    private void wake(ConsoleWatch watch) {
        synchronized (this) {
            connection.ifPresent(ConsoleConnection::close);
        }
        watch.wake();
    }
}
