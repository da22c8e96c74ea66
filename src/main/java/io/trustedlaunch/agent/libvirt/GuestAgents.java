package io.trustedlaunch.agent.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Calls that guest agents must answer. libvirt's limit for an answer is a setting of the domain, and without it a mute guest agent
 * holds its caller for ever. So one call at a time is made for a domain: another one would change the limit before the call, and a
 * freeze would have the time of a question.
 */
final class GuestAgents {
    private static final int FAILED = -1;

    private final Domains domains;
    private final Map<UUID, Turn> turns = new ConcurrentHashMap<>();

    /** Calls a function of libvirt with the domain of a VM; -1 without one. */
    @FunctionalInterface
    interface Domains {
        int with(UUID vm, ToIntFunction<Pointer> call);
    }

    /** @param users those who have it or wait for it; it is forgotten after the last */
    private record Turn(ReentrantLock lock, int users) {
        Turn() {
            this(new ReentrantLock(true), 0);
        }

        Turn plus(int more) {
            return new Turn(lock, users + more);
        }
    }

    GuestAgents(Domains domains) {
        this.domains = domains;
    }

    /** Returns what the call returns, which waits no longer than that for an answer, and as long for libvirt's own question before. */
    <T> T limited(UUID vm, int seconds, Supplier<T> call) {
        ReentrantLock lock = turns.compute(vm, (key, turn) -> (turn == null ? new Turn() : turn).plus(1))
                .lock();
        lock.lock();
        try {
            domains.with(vm, pointer -> LibvirtNative.INSTANCE.virDomainAgentSetResponseTimeout(pointer, seconds, 0));
            return call.get();
        } finally {
            lock.unlock();
            turns.computeIfPresent(vm, (key, turn) -> turn.users() == 1 ? null : turn.plus(-1));
        }
    }

    /** Returns how many file systems the guest agent says that it has frozen; -1 on failure. */
    int freeze(UUID vm, int seconds) {
        return limited(
                vm,
                seconds,
                () -> domains.with(vm, pointer -> LibvirtNative.INSTANCE.virDomainFSFreeze(pointer, null, 0, 0)));
    }

    /** Returns false on failure. */
    boolean thaw(UUID vm, int seconds) {
        return limited(
                vm,
                seconds,
                () -> domains.with(vm, pointer -> LibvirtNative.INSTANCE.virDomainFSThaw(pointer, null, 0, 0))
                        != FAILED);
    }

    /**
     * Asks what the guest is, and reads the answer. Empty if there is none in time.
     *
     * @param kind of {@link LibvirtNative}
     */
    <T> Optional<T> guestInfo(UUID vm, int kind, int seconds, Function<GuestAnswer, T> read) {
        PointerByReference parameters = new PointerByReference();
        IntByReference count = new IntByReference();
        int result = limited(
                vm,
                seconds,
                () -> domains.with(
                        vm,
                        pointer -> LibvirtNative.INSTANCE.virDomainGetGuestInfo(pointer, kind, parameters, count, 0)));
        if (result == FAILED || parameters.getValue() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(read.apply(new TypedParameters(parameters.getValue(), count.getValue())));
        } finally {
            LibvirtNative.INSTANCE.virTypedParamsFree(parameters.getValue(), count.getValue());
        }
    }

    /**
     * Has the guest agent carry out a command. Empty if it does not answer in time, or with more than that.
     *
     * @param command JSON
     */
    Optional<String> command(UUID vm, String command, int seconds, int maxBytes) {
        PointerByReference answer = new PointerByReference();
        limited(
                vm,
                seconds,
                () -> domains.with(vm, pointer -> {
                    answer.setValue(LibvirtQemuNative.INSTANCE.virDomainQemuAgentCommand(pointer, command, seconds, 0));
                    return 0;
                }));
        Pointer text = answer.getValue();
        if (text == null) {
            return Optional.empty();
        }
        try {
            long length = text.indexOf(0, (byte) 0);
            return length > maxBytes
                    ? Optional.empty()
                    : Optional.of(new String(text.getByteArray(0, (int) length), StandardCharsets.UTF_8));
        } finally {
            Native.free(Pointer.nativeValue(text));
        }
    }
}
