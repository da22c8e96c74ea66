package io.trustedlaunch.cli.plugin.console;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.VMConsole;
import io.trustedlaunch.api.VMConsoleStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.custody.SessionKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** From the VMConsole to the guest, again and again, until the user leaves or is sent away. */
public final class ConsoleSession {
    private static final int SENT_AWAY = 1;

    /** The agent may hear of a session later than the user, and a guest that moves is nowhere for a moment. */
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(300);

    /** An agent that is restarted is back by then. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Resource<VMConsole> console;
    private final SessionKey key;
    private final PrintWriter messages;
    private final Keyboard keyboard = new Keyboard(System.in);
    private Optional<VMConsole> seen = Optional.empty();
    private boolean gone;
    private Optional<ConsoleConnection> connection = Optional.empty();
    private String told = "";

    public ConsoleSession(Resource<VMConsole> console, SessionKey key, PrintWriter messages) {
        this.console = console;
        this.key = key;
        this.messages = messages;
    }

    public int run() throws InterruptedException {
        try (SharedIndexInformer<VMConsole> watch = console.inform(new Watch());
                RawTerminal terminal = RawTerminal.isOnStandardInput() ? RawTerminal.enter() : null) {
            keyboard.start(this::wake);
            return goOn();
        }
    }

    private int goOn() throws InterruptedException {
        long vain = 0;
        while (true) {
            Optional<VMConsoleStatus> place = place();
            if (place.isEmpty()) {
                return end();
            }
            long begin = System.nanoTime();
            String why;
            try (ConsoleConnection open = ConsoleConnection.open(place.get(), key)) {
                Frame how = show(open, place.get());
                vain = 0;
                begin = System.nanoTime();
                switch (how) {
                    case Frame.Ended(String reason) -> {
                        tell(reason);
                        return SENT_AWAY;
                    }
                    case Frame.Away(String reason) -> why = reason;
                    case Frame.Opened opened -> why = "its agent lets in whoever is inside";
                    case Frame.Output output -> why = "its agent breaks off";
                }
            } catch (IOException e) {
                why = String.valueOf(e.getMessage());
            }
            if (vain > PATIENCE.toNanos()) {
                throw new CommandException("node " + place.get().nodeName() + " ("
                        + place.get().address() + " port " + place.get().port() + ") lets nobody in: " + why);
            }
            Thread.sleep(BETWEEN_TRIES);
            vain += System.nanoTime() - begin;
        }
    }

    /** Until it ends; how. */
    private Frame show(ConsoleConnection open, VMConsoleStatus place) {
        synchronized (this) {
            connection = Optional.of(open);
            if (keyboard.hasLeft()) {
                return new Frame.Away("");
            }
        }
        tell("connected to the console on node " + place.nodeName() + "; Control and ] together leave");
        try {
            keyboard.typeTo(open.keys());
            return open.show(System.out);
        } catch (IOException e) {
            return new Frame.Away(String.valueOf(e.getMessage()));
        } finally {
            keyboard.typeToNobody();
            synchronized (this) {
                connection = Optional.empty();
            }
        }
    }

    /** Where the console is, as soon as it is anywhere; empty: the user has left, or the session is over. */
    private synchronized Optional<VMConsoleStatus> place() throws InterruptedException {
        while (!gone && !keyboard.hasLeft()) {
            Optional<VMConsoleStatus> now = seen.map(VMConsole::getStatus);
            if (now.filter(ConsoleSession::isSomewhere).isPresent()) {
                return now;
            }
            now.flatMap(ConsoleSession::open).ifPresent(open -> tell(open.getMessage()));
            wait();
        }
        return Optional.empty();
    }

    private static boolean isSomewhere(VMConsoleStatus status) {
        return status.nodeName() != null && status.address() != null && status.port() != null;
    }

    private static Optional<Condition> open(VMConsoleStatus status) {
        return Optional.ofNullable(status.conditions()).orElse(List.of()).stream()
                .filter(condition -> condition.getType().equals(ConditionType.Open.name()))
                .findFirst();
    }

    private int end() {
        if (keyboard.hasLeft()) {
            return 0;
        }
        tell("the session is over: its VMConsole is gone");
        return SENT_AWAY;
    }

    /** On a line of its own, whatever the guest has left on the screen; a raw terminal goes nowhere by itself. */
    private void tell(String message) {
        if (!message.equals(told)) {
            messages.print("\r\n[" + message + "]\r\n");
            messages.flush();
            told = message;
        }
    }

    private synchronized void wake() {
        connection.ifPresent(ConsoleConnection::close);
        notifyAll();
    }

    private synchronized void see(VMConsole now) {
        seen = Optional.of(now);
        notifyAll();
    }

    private final class Watch implements ResourceEventHandler<VMConsole> {
        @Override
        public void onAdd(VMConsole added) {
            see(added);
        }

        @Override
        public void onUpdate(VMConsole before, VMConsole now) {
            if (!Objects.equals(before.getStatus(), now.getStatus())) {
                see(now);
            }
        }

        @Override
        public void onDelete(VMConsole deleted, boolean finalStateUnknown) {
            synchronized (ConsoleSession.this) {
                gone = true;
                ConsoleSession.this.notifyAll();
            }
        }
    }
}
