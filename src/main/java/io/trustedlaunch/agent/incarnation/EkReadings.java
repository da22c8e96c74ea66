package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.incarnation.state.WorkingCopies;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Endorsement keys of working copies whose guests have not run yet. Each is read while QEMU starts, and counts for the content of
 * the TPM's state that it was read from: QEMU, swtpm and libvirt do not change that before the guest runs.
 */
final class EkReadings {
    private final WorkingCopies copies;
    private final Executor prober;
    private final Map<UUID, Reading> begun = new ConcurrentHashMap<>();

    /** @param digest of the TPM's state before it was read */
    private record Reading(String digest, CompletableFuture<Ek> ek) {}

    EkReadings(WorkingCopies copies, Executor prober) {
        this.copies = copies;
        this.prober = prober;
    }

    /** Returns while the key is read. */
    void begin(IncarnationFacts facts) {
        copies.tpmDigest(facts.vm()).ifPresent(digest -> begin(facts, digest));
    }

    private Reading begin(IncarnationFacts facts, String digest) {
        Reading reading = new Reading(digest, CompletableFuture.supplyAsync(() -> copies.probe(facts), prober));
        begun.put(facts.vm(), reading);
        return reading;
    }

    /**
     * Waits for the key of the TPM's state as it is now, and reads it if that has not begun. Throws as {@link WorkingCopies#probe}
     * does; then it is read anew the next time.
     */
    Ek await(IncarnationFacts facts) {
        UUID vm = facts.vm();
        Optional<String> now = copies.tpmDigest(vm);
        if (now.isEmpty()) {
            return copies.probe(facts);
        }
        Reading reading = Optional.ofNullable(begun.get(vm))
                .filter(known -> known.digest().equals(now.get()))
                .orElseGet(() -> begin(facts, now.get()));
        try {
            return reading.ek().join();
        } catch (CompletionException e) {
            forget(vm);
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    void forget(UUID vm) {
        begun.remove(vm);
    }
}
