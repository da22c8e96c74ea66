package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.GuestStateVersion;
import java.util.Optional;

/** A VM's folder in a storage location, of one node or of all: its TPM, and its newest sealed guest state. */
final class FakeHome {
    private String tpm;
    private GuestStateVersion newest;
    private int content;

    boolean isEmpty() {
        return tpm == null;
    }

    String tpm() {
        return tpm;
    }

    void make(String made) {
        tpm = made;
    }

    Optional<GuestStateVersion> newest() {
        return Optional.ofNullable(newest);
    }

    /** The guest's progress when it was sealed. */
    int content() {
        return content;
    }

    void claim(long epoch, int copied) {
        newest = new GuestStateVersion(epoch, 1L);
        content = copied;
    }

    /** Does not overwrite the claim of a later incarnation. */
    void seal(long epoch, int copied) {
        if (newest == null || newest.epoch() <= epoch) {
            newest = new GuestStateVersion(
                    epoch, newest == null || newest.epoch() < epoch ? 1 : newest.generation() + 1);
            content = copied;
        }
    }

    /** Copies what the other has, where it is newer. */
    void take(FakeHome other) {
        tpm = other.tpm;
        if (newest == null || (other.newest != null && other.newest.compareTo(newest) > 0)) {
            newest = other.newest;
            content = other.content;
        }
    }

    boolean isPast(long epoch) {
        return newest != null && newest.epoch() > epoch;
    }

    void erase() {
        tpm = null;
        newest = null;
        content = 0;
    }
}
