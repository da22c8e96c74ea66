package io.trustedlaunch.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetriesTest {
    private final List<Long> pauses = new ArrayList<>();
    private final List<Boolean> attempts = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private Retries upTo(Duration limit) {
        return new Retries(limit, () -> now, time -> {
            pauses.add(time.toSeconds());
            now = now.plus(time);
        });
    }

    private String fails(int times, StoreFault fault, boolean again) throws BackupStoreException {
        attempts.add(again);
        if (attempts.size() <= times) {
            throw new BackupStoreException(fault, "attempt " + attempts.size());
        }
        return "done";
    }

    @Test
    void aServerThatComesBackIsAskedAgain() throws BackupStoreException {
        String result = upTo(Duration.ofMinutes(5)).run(again -> fails(7, StoreFault.UNREACHABLE, again));
        assertThat(result).isEqualTo("done");
        assertThat(attempts).startsWith(false, true).hasSize(8);
        assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
    }

    @Test
    void oneThatStaysAwayIsGivenUpAtTheLimit() {
        Instant began = now;
        assertThatThrownBy(() -> upTo(Duration.ofMinutes(5)).run(again -> fails(100, StoreFault.UNREACHABLE, again)))
                .hasMessage("attempt " + (pauses.size() + 1));
        assertThat(Duration.between(began, now)).isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));
        assertThat(attempts).hasSizeLessThan(20);
    }

    @Test
    void whatIsAnsweredIsNotAskedAgain() {
        for (StoreFault fault : StoreFault.values()) {
            attempts.clear();
            if (fault != StoreFault.UNREACHABLE) {
                assertThatThrownBy(() -> upTo(Duration.ofMinutes(5)).run(again -> fails(1, fault, again)))
                        .hasMessage("attempt 1");
            }
        }
        attempts.clear();
        assertThatThrownBy(() -> Retries.NONE.run(again -> fails(1, StoreFault.UNREACHABLE, again)))
                .hasMessage("attempt 1");
        assertThat(pauses).isEmpty();
    }

    @Test
    void aThreadThatIsInterruptedEnds() {
        Retries retries = new Retries(Duration.ofMinutes(5), () -> now, time -> {
            throw new InterruptedException();
        });
        assertThatThrownBy(() -> retries.run(again -> fails(9, StoreFault.UNREACHABLE, again)))
                .isInstanceOfSatisfying(
                        BackupStoreException.class,
                        ended -> assertThat(ended.fault()).isEqualTo(StoreFault.FAILED));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(attempts).hasSize(1);
    }
}
