package io.trustedlaunch.operator.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a bucket that does not answer delays. */
@Timeout(60)
class BucketQueueTest {
    private static final S3 SLOW = bucket("slow");
    private static final S3 QUICK = bucket("quick");

    private final AtomicLong nanos = new AtomicLong();
    private final CountDownLatch answers = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();
    private final BucketQueue queue = new BucketQueue(Duration.ofSeconds(30), nanos::get);
    private final BucketQueue impatient = new BucketQueue(Duration.ZERO, nanos::get);

    @AfterEach
    void letAllThreadsGo() {
        answers.countDown();
    }

    @Test
    void anAnswerIsGivenOnce() {
        assertThat(queue.ask(QUICK, "seal", calls::incrementAndGet)).hasValue(1);
        assertThat(queue.ask(QUICK, "seal", calls::incrementAndGet)).hasValue(2);
    }

    @Test
    void aPassThatDidNotGetItsAnswerGetsItWhenItAsksAgain() {
        assertThat(impatient.ask(SLOW, "seal", slow())).isEmpty();
        assertThat(impatient.ask(SLOW, "seal", slow())).as("not asked twice").isEmpty();
        answers.countDown();

        await().untilAsserted(
                        () -> assertThat(impatient.ask(SLOW, "seal", slow())).hasValue(1));
    }

    @Test
    void anotherBucketIsNotDelayed() {
        impatient.ask(SLOW, "seal", slow());

        assertThat(queue.ask(QUICK, "seal", () -> 7)).hasValue(7);
        await().untilAsserted(
                        () -> assertThat(impatient.ask(QUICK, "seal", () -> 7)).hasValue(7));
    }

    /** The operator has fifty threads for all passes of all controllers. */
    @Test
    void fewPassesWaitForABucketAndTheOthersDoNot() {
        AtomicInteger without = new AtomicInteger();
        List<Thread> passes = IntStream.range(0, 40)
                .mapToObj(pass -> Thread.ofVirtual().start(() -> {
                    if (queue.ask(SLOW, "pass " + pass, slow()).isEmpty()) {
                        without.incrementAndGet();
                    }
                }))
                .toList();

        await().until(() -> without.get() == 40 - BucketQueue.MOST_WAITING);
        answers.countDown();
        await().until(() -> passes.stream().noneMatch(Thread::isAlive));
        assertThat(without).hasValue(40 - BucketQueue.MOST_WAITING);
    }

    @Test
    void aBucketIsAskedOneThingAtATime() {
        AtomicInteger others = new AtomicInteger();
        impatient.ask(SLOW, "a", slow());
        impatient.ask(SLOW, "b", others::incrementAndGet);
        await().until(() -> calls.get() == 1);
        assertThat(others).hasValue(0);

        answers.countDown();
        await().until(() -> others.get() == 1);
    }

    @Test
    void whatABucketIsAskedIsLimited() {
        for (int i = 0; i < 2 * BucketQueue.MOST; i++) {
            impatient.ask(SLOW, "pass " + i, slow());
        }
        answers.countDown();
        await().until(() -> calls.get() == BucketQueue.MOST);

        nanos.addAndGet(Duration.ofMinutes(2).toNanos());
        impatient.ask(SLOW, "later", slow());
        await().until(() -> calls.get() == BucketQueue.MOST + 1);
    }

    @Test
    void allGetTheSameAnswerForAWhile() {
        assertThat(queue.askForAll(QUICK, "probe", calls::incrementAndGet)).hasValue(1);
        assertThat(queue.askForAll(QUICK, "probe", calls::incrementAndGet)).hasValue(1);

        nanos.addAndGet(BucketQueue.FRESH.toNanos() + 1);
        assertThat(queue.askForAll(QUICK, "probe", calls::incrementAndGet)).hasValue(2);
    }

    @Test
    void aFailureIsThatOfThePassAndIsNotKept() {
        assertThatThrownBy(() -> queue.ask(QUICK, "seal", () -> {
                    throw new IllegalArgumentException("no Secret");
                }))
                .hasMessage("no Secret");
        assertThat(queue.ask(QUICK, "seal", () -> 1)).hasValue(1);
    }

    private Supplier<Integer> slow() {
        return () -> {
            int call = calls.incrementAndGet();
            try {
                answers.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return call;
        };
    }

    private static S3 bucket(String name) {
        return BackupLocationSpecS3Builder.builder()
                .endpoint("https://s3.example")
                .bucket(name)
                .secretRef(new ObjectRef("s3"))
                .build();
    }
}
