package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.pack.GatedStore.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;

/** Lets several actors act at once, some calls of one after some of another, in an order that only a seed decides. */
final class Turns {
    private final Semaphore arrived = new Semaphore(0);
    private final List<Actor> actors = new ArrayList<>();

    /** Has at most one thread in a call at a time, not always the same one. */
    final class Actor implements Gate {
        private final Semaphore go = new Semaphore(0);
        private volatile boolean ended;

        @Override
        public void before() {
            arrived.release();
            go.acquireUninterruptibly();
        }

        @Override
        public void after() {
            // The call was made.
        }
    }

    Actor actor() {
        Actor actor = new Actor();
        actors.add(actor);
        return actor;
    }

    /** @param act begins at its first turn */
    void start(Actor actor, Runnable act) {
        Thread.startVirtualThread(() -> {
            try {
                actor.before();
                act.run();
            } finally {
                actor.ended = true;
                arrived.release();
            }
        });
    }

    /** Returns when all have ended. */
    void play(Random random) {
        arrived.acquireUninterruptibly(actors.size());
        for (List<Actor> left = left(); !left.isEmpty(); left = left()) {
            Actor actor = left.get(random.nextInt(left.size()));
            // Faults show when few switches come at the wrong moments.
            int calls = random.nextBoolean() ? 1 + random.nextInt(12) : Integer.MAX_VALUE;
            for (; calls > 0 && !actor.ended; calls--) {
                actor.go.release();
                arrived.acquireUninterruptibly();
            }
        }
    }

    private List<Actor> left() {
        return actors.stream().filter(actor -> !actor.ended).toList();
    }
}
