package io.trustedlaunch.agent.guestinfo;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.Agent;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GuestInfoCacheTest {
    private static final UUID VM = UUID.fromString("00000000-0000-4000-8000-000000000001");

    private final Queue<Runnable> questions = new ArrayDeque<>();
    private Optional<GuestInfo> answer = Optional.of(named("payroll"));
    private boolean isDown;
    private int asked;
    private long now = Long.MAX_VALUE - Duration.ofMinutes(7).toNanos();

    private final GuestInfoCache cache = new GuestInfoCache(this::answer, questions::add, () -> now);

    private Optional<GuestInfo> answer(UUID vm) {
        asked++;
        if (isDown) {
            throw new HypervisorException(new HypervisorFailure.Unavailable("connection refused"));
        }
        return answer;
    }

    private static GuestInfo named(String hostName) {
        return GuestInfoBuilder.builder()
                .agent(new Agent(true, "7.2.0"))
                .hostName(hostName)
                .build();
    }

    private Optional<GuestInfo> pass() {
        cache.latest(VM, 1);
        while (!questions.isEmpty()) {
            questions.remove().run();
        }
        return cache.latest(VM, 1);
    }

    private void later(Duration time) {
        now += time.toNanos();
    }

    @Test
    void nobodyWaitsForAGuest() {
        assertThat(cache.latest(VM, 1)).isEmpty();
        assertThat(cache.latest(VM, 1)).as("a question that has no answer yet").isEmpty();
        assertThat(questions).hasSize(1);

        questions.remove().run();

        assertThat(cache.latest(VM, 1)).isEqualTo(answer);
        assertThat(cache.known(VM)).isEqualTo(answer);
    }

    @Test
    void aGuestIsAskedEveryFewMinutes() {
        pass();
        answer = Optional.of(named("other"));
        later(Duration.ofMinutes(5).minusNanos(1));
        assertThat(pass().orElseThrow().hostName()).isEqualTo("payroll");
        assertThat(asked).isEqualTo(1);

        later(Duration.ofNanos(1));
        assertThat(pass().orElseThrow().hostName()).isEqualTo("other");
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void aGuestThatDoesNotAnswerIsAskedEachMinuteAndCountsAsDisconnectedAfterTen() {
        pass();
        answer = Optional.empty();
        for (int minute = 1; minute < 10; minute++) {
            later(Duration.ofMinutes(1));
            assertThat(pass()).as("minute " + minute).contains(named("payroll"));
        }
        assertThat(asked).isEqualTo(6);

        later(Duration.ofMinutes(1));
        assertThat(pass().orElseThrow())
                .returns(new Agent(false, "7.2.0"), GuestInfo::agent)
                .returns("payroll", GuestInfo::hostName);

        answer = Optional.of(named("payroll"));
        later(Duration.ofMinutes(1));
        assertThat(pass()).contains(named("payroll"));
    }

    @Test
    void aGuestThatNeverAnswersIsDisconnectedAfterTenMinutes() {
        answer = Optional.empty();
        assertThat(pass()).isEmpty();
        for (int minute = 1; minute < 10; minute++) {
            later(Duration.ofMinutes(1));
            assertThat(pass()).isEmpty();
        }

        later(Duration.ofMinutes(1));
        assertThat(pass().orElseThrow().agentAnswers()).isFalse();
    }

    @Test
    void aQuestionThatHasNoAnswerLeavesTheEarlierOne() {
        pass();
        later(Duration.ofMinutes(5));
        answer = Optional.of(
                GuestInfoBuilder.builder().agent(new Agent(true, null)).build());

        assertThat(pass()).contains(named("payroll"));
    }

    @Test
    void aLibvirtThatIsDownIsSilence() {
        isDown = true;
        assertThat(pass()).isEmpty();

        isDown = false;
        later(Duration.ofMinutes(1));
        assertThat(pass()).contains(named("payroll"));
    }

    @Test
    void anotherIncarnationIsAskedAnew() {
        pass();

        assertThat(cache.latest(VM, 2)).isEmpty();
        assertThat(questions).hasSize(1);
    }

    @Test
    void aGuestThatNobodyAsksForIsForgotten() {
        pass();
        later(Duration.ofMinutes(10).plusNanos(1));

        cache.latest(UUID.randomUUID(), 1);

        assertThat(cache.known(VM)).isEmpty();
    }
}
