package io.trustedlaunch.agent.order;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many orders of a kind this node carries out at a time: they take processor time, disk and network of guests. A server that
 * answers slowly, as often as not on purpose, holds its own slots for as long as it likes, and leaves others to others.
 */
public final class Slots {
    private final int ofOnePlace;
    private final int inAll;
    private final Semaphore free;
    private final Map<String, Integer> taken = new HashMap<>();

    /** To be closed at the end of the order. */
    public interface Slot extends AutoCloseable {
        @Override
        void close();
    }

    /** @param ofOnePlace of one server or folder */
    public Slots(int ofOnePlace, int inAll) {
        this.ofOnePlace = ofOnePlace;
        this.inAll = inAll;
        this.free = new Semaphore(inAll);
    }

    public int inAll() {
        return inAll;
    }

    /** Empty if it is not its turn. */
    public synchronized Optional<Slot> take(String place) {
        int others = taken.getOrDefault(place, 0);
        if (others >= ofOnePlace || !free.tryAcquire()) {
            return Optional.empty();
        }
        taken.put(place, others + 1);
        return Optional.of(() -> free(place));
    }

    private synchronized void free(String place) {
        taken.computeIfPresent(place, (server, orders) -> orders == 1 ? null : orders - 1);
        free.release();
    }

    /** Takes all, for good. Returns false if some are not free in time. */
    public boolean close(Duration timeout) throws InterruptedException {
        return free.tryAcquire(inAll, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The host of a server, whatever the port. */
    public static String server(String url) {
        try {
            return Optional.ofNullable(URI.create(url).getHost()).orElse(url).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            // It is refused when it is asked.
            return url;
        }
    }
}
