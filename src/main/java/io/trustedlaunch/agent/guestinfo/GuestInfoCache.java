package io.trustedlaunch.agent.guestinfo;

import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.api.vm.GuestInfo;
import io.trustedlaunch.api.vm.GuestInfo.Agent;
import io.trustedlaunch.api.vm.GuestInfoBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the running guests of this host said last. It is asked again when somebody wants to know it and some minutes have passed, and
 * whoever wants to know it waits for no guest. In memory only: after a restart of the agent, guests are asked anew.
 */
public final class GuestInfoCache {
    private static final Logger LOG = LoggerFactory.getLogger(GuestInfoCache.class);

    static final Duration AFTER_AN_ANSWER = Duration.ofMinutes(5);
    static final Duration AFTER_SILENCE = Duration.ofMinutes(1);

    /** More than a guest takes to reboot. */
    static final Duration UNTIL_DISCONNECTED = Duration.ofMinutes(10);

    /** A guest that nobody has wanted to know of for that time does not run here any more. */
    private static final Duration UNTIL_FORGOTTEN = Duration.ofMinutes(10);

    private final Function<UUID, Optional<GuestInfo>> question;
    private final Executor asker;
    private final LongSupplier nanoTime;
    private final Map<UUID, Guest> guests = new HashMap<>();

    private static final class Guest {
        private final long epoch;
        private boolean asked;
        private boolean beingAsked;
        private Optional<GuestInfo> latest = Optional.empty();
        private long nextQuestion;
        private long lastAnswer;
        private long lastWanted;

        Guest(long epoch, long now) {
            this.epoch = epoch;
            this.lastAnswer = now;
        }
    }

    /**
     * @param question see {@code Hypervisor}
     * @param asker runs the questions, which wait for guests
     */
    public GuestInfoCache(Function<UUID, Optional<GuestInfo>> question, Executor asker, LongSupplier nanoTime) {
        this.question = question;
        this.asker = asker;
        this.nanoTime = nanoTime;
    }

    /**
     * What the guest of that incarnation, which runs, said last; has it asked again if that is due. Empty: it has said nothing yet, and
     * has time left to. An agent that has been silent for ten minutes is not connected.
     */
    public Optional<GuestInfo> latest(UUID vm, long epoch) {
        Guest guest = wanted(vm, epoch);
        if (mayAsk(guest)) {
            asker.execute(() -> ask(vm, guest));
        }
        return known(vm);
    }

    /** As {@link #latest}, of a guest that is asked for others. */
    public synchronized Optional<GuestInfo> known(UUID vm) {
        return Optional.ofNullable(guests.get(vm)).flatMap(guest -> guest.latest);
    }

    private synchronized Guest wanted(UUID vm, long epoch) {
        long now = nanoTime.getAsLong();
        guests.values().removeIf(guest -> now - guest.lastWanted > UNTIL_FORGOTTEN.toNanos());
        Guest guest = guests.compute(
                vm, (key, known) -> known != null && known.epoch == epoch ? known : new Guest(epoch, now));
        guest.lastWanted = now;
        return guest;
    }

    private synchronized boolean mayAsk(Guest guest) {
        boolean isDue = !guest.asked || nanoTime.getAsLong() - guest.nextQuestion >= 0;
        if (guest.beingAsked || !isDue) {
            return false;
        }
        guest.beingAsked = true;
        return true;
    }

    private void ask(UUID vm, Guest guest) {
        Optional<GuestInfo> answer = Optional.empty();
        try {
            answer = question.apply(vm);
        } catch (HypervisorException e) {
            LOG.debug("The guest of VM {} cannot be asked: {}", vm, e.getMessage());
        } finally {
            note(guest, answer);
        }
    }

    private synchronized void note(Guest guest, Optional<GuestInfo> answer) {
        long now = nanoTime.getAsLong();
        guest.asked = true;
        guest.beingAsked = false;
        guest.nextQuestion = now + (answer.isPresent() ? AFTER_AN_ANSWER : AFTER_SILENCE).toNanos();
        if (answer.isPresent()) {
            guest.lastAnswer = now;
            guest.latest =
                    answer.map(said -> guest.latest.map(said::completedBy).orElse(said));
        } else if (now - guest.lastAnswer >= UNTIL_DISCONNECTED.toNanos()) {
            guest.latest = Optional.of(disconnected(guest.latest));
        }
    }

    private static GuestInfo disconnected(Optional<GuestInfo> before) {
        GuestInfo silent =
                GuestInfoBuilder.builder().agent(new Agent(false, null)).build();
        return before.map(silent::completedBy).orElse(silent);
    }
}
