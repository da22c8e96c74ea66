package io.trustedlaunch.operator.vm.facts;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import java.util.Map;
import java.util.Optional;

/** The record of a retained VM on the Secret of its protection key. */
public sealed interface RetainedVm {
    /** The VM was never retained. */
    record None() implements RetainedVm {}

    /**
     * The VM was retained, and may have been taken over since.
     *
     * @param holder the UID of the VM object that took it over; empty if none has
     * @param holderName the name of that VM object
     */
    record Found(RetainedVMRecord record, Optional<String> holder, Optional<String> holderName) implements RetainedVm {}

    /** The record cannot be read. */
    record Damaged(String why) implements RetainedVm {}

    static RetainedVm of(KeyFacts key) {
        return switch (key) {
            case KeyFacts.Absent absent -> new None();
            case KeyFacts.Held held -> of(held.secret());
            case KeyFacts.Invalid invalid -> of(invalid.secret());
        };
    }

    /** @param secret of a protection key */
    static RetainedVm of(Secret secret) {
        Map<String, String> annotations =
                Optional.ofNullable(secret.getMetadata().getAnnotations()).orElseGet(Map::of);
        String json = annotations.get(Api.RETAINED_VM);
        if (json == null) {
            return new None();
        }
        try {
            return new Found(
                    RetainedVMRecord.parse(json),
                    ProtectionKeySecret.holder(secret),
                    Optional.ofNullable(annotations.get(ProtectionKeySecret.VM_NAME)));
        } catch (IllegalArgumentException e) {
            return new Damaged(e.getMessage());
        }
    }

    default Optional<Found> found() {
        return this instanceof Found found ? Optional.of(found) : Optional.empty();
    }

    default Optional<Found> heldBy(String ownerUid) {
        return found().filter(found -> found.holder().equals(Optional.of(ownerUid)));
    }

    default boolean heldByAnotherThan(String ownerUid) {
        return found().flatMap(Found::holder)
                .filter(holder -> !holder.equals(ownerUid))
                .isPresent();
    }
}
