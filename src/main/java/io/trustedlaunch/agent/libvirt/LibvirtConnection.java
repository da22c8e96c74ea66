package io.trustedlaunch.agent.libvirt;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.libvirt.LibvirtException;

/**
 * A connection that reconnects. While libvirtd is down a call fails at once or after the connect timeout, and the next call
 * tries again. Keepalive detects a libvirtd that accepts connections but does not respond.
 */
final class LibvirtConnection implements AutoCloseable {
    /** After this many missed responses the connection is closed, and all waiting calls fail. */
    static final int KEEPALIVE_MISSES = 3;

    private final LibvirtSettings settings;
    private final Consumer<OpenConnection> onOpen;
    private CompletableFuture<SharedConnection<OpenConnection>> opening;

    /** @param onOpen called with every new connection before its first use */
    LibvirtConnection(LibvirtSettings settings, Consumer<OpenConnection> onOpen) {
        this.settings = settings;
        this.onOpen = onOpen;
    }

    @FunctionalInterface
    interface Call<T> {
        T on(OpenConnection connection) throws LibvirtException;
    }

    /** @param action completes "libvirt cannot …" */
    <T> T call(String action, Call<T> call) {
        return open().use(connection -> {
            try {
                return call.on(connection);
            } catch (LibvirtException e) {
                if (LibvirtErrors.isConnectionLost(e) || !connection.isUsable()) {
                    throw LibvirtErrors.unavailable(e);
                }
                throw LibvirtErrors.failed(action, e);
            }
        });
    }

    /** Connects if there is no connection. */
    void connect() {
        open();
    }

    /** The existing connection, or a new one. */
    private SharedConnection<OpenConnection> open() {
        CompletableFuture<SharedConnection<OpenConnection>> current = current();
        try {
            return current.get(settings.connectTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new HypervisorException(new HypervisorFailure.Unavailable("it does not accept connections"), e);
        } catch (ExecutionException e) {
            throw new HypervisorException(new HypervisorFailure.Unavailable(detail(e.getCause())), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(new HypervisorFailure.Unavailable("interrupted"), e);
        }
    }

    private static String detail(Throwable cause) {
        return switch (cause) {
            case LibvirtException error -> LibvirtErrors.text(error);
            case UnsatisfiedLinkError error -> error.getMessage();
            default -> String.valueOf(cause);
        };
    }

    /**
     * An attempt to connect cannot be cancelled, so at most one is under way, and all callers wait for the same one.
     */
    private synchronized CompletableFuture<SharedConnection<OpenConnection>> current() {
        boolean usable = opening != null
                && (!opening.isDone()
                        || (!opening.isCompletedExceptionally()
                                && opening.resultNow().use(OpenConnection::isUsable)));
        if (!usable) {
            forget();
            CompletableFuture<SharedConnection<OpenConnection>> attempt = new CompletableFuture<>();
            Thread.ofPlatform().daemon().name("libvirt-connect").start(() -> attempt(attempt));
            opening = attempt;
        }
        return opening;
    }

    private void attempt(CompletableFuture<SharedConnection<OpenConnection>> attempt) {
        try {
            LibvirtLibrary.load();
            OpenConnection connection = new OpenConnection(settings);
            connection.setKeepAlive((int) settings.keepalive().toSeconds(), KEEPALIVE_MISSES);
            onOpen.accept(connection);
            attempt.complete(new SharedConnection<>(connection, OpenConnection::shut));
        } catch (LibvirtException | RuntimeException | LinkageError e) {
            attempt.completeExceptionally(e);
        }
    }

    private synchronized void forget() {
        if (opening != null && opening.isDone() && !opening.isCompletedExceptionally()) {
            opening.resultNow().closeWhenUnused();
        }
        opening = null;
    }

    @Override
    public void close() {
        forget();
    }
}
