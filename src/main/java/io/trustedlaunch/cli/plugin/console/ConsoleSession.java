package io.trustedlaunch.cli.plugin.console;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.terminal.StandardStream;
import io.trustedlaunch.cli.plugin.terminal.TextOutput;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.custody.SessionKey;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine.ExitCode;

/** Connects to the node that the VMConsole's status names, again after each migration, until either side ends it. */
public final class ConsoleSession {
    /** The agent may see the VMConsole later than the user, and a migrating guest is briefly on no node. */
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(300);

    /** Longer than an agent takes to restart. */
    private static final Duration RETRY_LIMIT = Duration.ofSeconds(30);

    private final Resource<VMConsole> console;
    private final String id;
    private final SessionKey key;
    private final TextOutput messages;
    private final Keyboard keyboard = new Keyboard(System.in);
    private Optional<VMConsole> latest = Optional.empty();
    private boolean deleted;
    private Optional<ConsoleConnection> connection = Optional.empty();
    private String lastMessage = "";

    /** @param id UID of the VMConsole */
    public ConsoleSession(Resource<VMConsole> console, String id, SessionKey key, TextOutput messages) {
        this.console = console;
        this.id = id;
        this.key = key;
        this.messages = messages;
    }

    /** @return the exit code */
    public int run() throws InterruptedException {
        try (SharedIndexInformer<VMConsole> watch = console.inform(new Watch());
                RawTerminal terminal = StandardStream.stdin.isTerminal() ? RawTerminal.enter() : null;
                Screen screen = Screen.open()) {
            keyboard.start(this::wake);
            return keepConnected(screen);
        } catch (IOException e) {
            throw new CommandException("cannot write to standard output: " + e.getMessage());
        }
    }

    private int keepConnected(Screen screen) throws InterruptedException {
        long disconnectedNanos = 0;
        while (true) {
            Optional<VMConsoleStatus> target = awaitTarget();
            if (target.isEmpty()) {
                return end();
            }
            long begin = System.nanoTime();
            String problem;
            try (ConsoleConnection open = ConsoleConnection.open(id, target.get(), key)) {
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

    /** Waits until the status names a node; empty if the session has ended. */
    private synchronized Optional<VMConsoleStatus> awaitTarget() throws InterruptedException {
        while (!deleted && !keyboard.isClosed()) {
            Optional<VMConsoleStatus> status = latest.map(VMConsole::getStatus);
            if (status.filter(ConsoleSession::namesNode).isPresent()) {
                return status;
            }
            status.map(VMConsoleStatus::conditions)
                    .flatMap(ConditionType.Open::in)
                    .map(Condition::getMessage)
                    .ifPresent(this::print);
            wait();
        }
        return Optional.empty();
    }

    private static boolean namesNode(VMConsoleStatus status) {
        return status.nodeName() != null && status.address() != null && status.port() != null;
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

    private synchronized void wake() {
        connection.ifPresent(ConsoleConnection::close);
        notifyAll();
    }

    private synchronized void update(VMConsole now) {
        latest = Optional.of(now);
        notifyAll();
    }

    private synchronized void delete() {
        deleted = true;
        notifyAll();
    }

    private final class Watch implements ResourceEventHandler<VMConsole> {
        @Override
        public void onAdd(VMConsole added) {
            update(added);
        }

        @Override
        public void onUpdate(VMConsole before, VMConsole now) {
            if (!Objects.equals(before.getStatus(), now.getStatus())) {
                update(now);
            }
        }

        @Override
        public void onDelete(VMConsole removed, boolean finalStateUnknown) {
            delete();
        }
    }
}
