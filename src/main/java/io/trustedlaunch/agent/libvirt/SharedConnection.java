package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.util.function.Consumer;

/**
 * A connection that several threads use. It is closed after the last of them: libvirt frees a connection that is closed, even
 * while another thread is in a call on it.
 */
final class SharedConnection<C> {
    private final C connection;
    private final Consumer<C> close;
    private int users;
    private boolean unwanted;

    SharedConnection(C connection, Consumer<C> close) {
        this.connection = connection;
        this.close = close;
    }

    @FunctionalInterface
    interface Use<C, T, E extends Exception> {
        T of(C connection) throws E;
    }

    /** @throws HypervisorException if it is to be closed */
    <T, E extends Exception> T use(Use<C, T, E> use) throws E {
        enter();
        try {
            return use.of(connection);
        } finally {
            leave();
        }
    }

    /** Closes it now, or after the calls that use it. */
    void closeWhenUnused() {
        boolean closeNow;
        synchronized (this) {
            closeNow = users == 0 && !unwanted;
            unwanted = true;
        }
        if (closeNow) {
            close.accept(connection);
        }
    }

    private synchronized void enter() {
        if (unwanted) {
            throw new HypervisorException(new HypervisorFailure.Unavailable("the connection was lost"));
        }
        users++;
    }

    private void leave() {
        boolean last;
        synchronized (this) {
            users--;
            last = users == 0 && unwanted;
        }
        if (last) {
            close.accept(connection);
        }
    }
}
