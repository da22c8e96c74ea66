package io.trustedlaunch.operator.backup.s3;

import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks buckets beside the controllers' passes, each bucket one thing at a time, so that one which is slow or hostile delays
 * what is in it and nothing else. A pass that does not get its answer in time asks again later, and gets it then. Few passes
 * wait for a bucket, and one if it was slow the last time.
 */
public final class BucketQueue {
    private static final Logger LOG = LoggerFactory.getLogger(BucketQueue.class);

    /** Of a pass with a bucket; most answer within milliseconds. */
    public static final Duration PATIENCE = Duration.ofSeconds(2);

    /** That one bucket may be asked at a time, with the answers that nobody has taken yet. */
    static final int MOST = 64;

    /** That wait at a time for one bucket, of the fifty for which the operator has threads. */
    static final int MOST_WAITING = 8;

    /** Passes come every ten seconds. */
    private static final Duration KEPT = Duration.ofMinutes(1);

    /** Of an answer to all who ask the same. */
    static final Duration FRESH = Duration.ofSeconds(5);

    private final Duration patience;
    private final LongSupplier nanoTime;
    private final Map<S3, Line> lines = new ConcurrentHashMap<>();

    /** @param patience of a pass with a bucket */
    public BucketQueue(Duration patience, LongSupplier nanoTime) {
        this.patience = patience;
        this.nanoTime = nanoTime;
    }

    /**
     * The requests to the bucket for one pass.
     *
     * @param what names it, the same when it is asked again
     * @return empty until there is an answer; it is given once
     */
    <T> Optional<T> ask(S3 bucket, String what, Supplier<T> call) {
        return line(bucket).ask(what, call, true);
    }

    /** Asks once for all passes: those of some seconds get the same answer. */
    <T> Optional<T> askForAll(S3 bucket, String what, Supplier<T> call) {
        return line(bucket).ask(what, call, false);
    }

    private Line line(S3 bucket) {
        return lines.computeIfAbsent(bucket, key -> new Line(key.url()));
    }

    private final class Line {
        private final String url;
        private final Executor worker = Executors.newSingleThreadExecutor(
                Thread.ofVirtual().name("bucket").factory());

        private final Map<String, Asked<?>> asked = new LinkedHashMap<>();
        private int waiting;
        private boolean wasSlow;

        Line(String url) {
            this.url = url;
        }

        @SuppressWarnings("unchecked")
        <T> Optional<T> ask(String what, Supplier<T> call, boolean once) {
            Asked<T> question;
            boolean waits;
            synchronized (this) {
                asked.values().removeIf(Asked::isStale);
                question = (Asked<T>) asked.get(what);
                if (question == null) {
                    if (asked.size() == MOST) {
                        LOG.warn("{} is asked too much at a time: it is asked later for what is due now", url);
                        return Optional.empty();
                    }
                    question = new Asked<>(call, once);
                    asked.put(what, question);
                    worker.execute(question);
                }
                waits = !question.isDone() && waiting < (wasSlow ? 1 : MOST_WAITING) && patience.isPositive();
                waiting += waits ? 1 : 0;
            }
            return answer(what, question, waits);
        }

        private <T> Optional<T> answer(String what, Asked<T> question, boolean waits) {
            boolean isSlow = false;
            try {
                return waits || question.isDone() ? Optional.of(taken(what, question)) : Optional.empty();
            } catch (TimeoutException e) {
                LOG.debug("{} has not answered a pass in time", url, e);
                isSlow = true;
                return Optional.empty();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            } finally {
                if (waits) {
                    waited(isSlow);
                }
            }
        }

        private synchronized void waited(boolean isSlow) {
            waiting--;
            wasSlow = isSlow;
        }

        /** A failure is the pass's, which is repeated. */
        private <T> T taken(String what, Asked<T> question) throws TimeoutException, InterruptedException {
            try {
                T answer = question.get(patience.toNanos(), TimeUnit.NANOSECONDS);
                remove(what, question, question.once);
                return answer;
            } catch (ExecutionException e) {
                remove(what, question, true);
                if (e.getCause() instanceof RuntimeException failed) {
                    throw failed;
                }
                throw new IllegalStateException("asking " + url + " failed", e.getCause());
            }
        }

        private synchronized void remove(String what, Asked<?> question, boolean isOver) {
            if (isOver) {
                asked.remove(what, question);
            }
        }
    }

    private final class Asked<T> extends FutureTask<T> {
        private final boolean once;
        private volatile long doneNanos;

        Asked(Supplier<T> call, boolean once) {
            super(call::get);
            this.once = once;
        }

        @Override
        protected void done() {
            doneNanos = nanoTime.getAsLong();
        }

        boolean isStale() {
            return isDone() && nanoTime.getAsLong() - doneNanos > (once ? KEPT : FRESH).toNanos();
        }
    }
}
