package io.trustedlaunch.operator.vm.facts;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.RetainedVMRecord;
import java.util.Map;
import java.util.Optional;

/** What the Secret of a protection key says of a VM that was deleted and kept. */
public sealed interface RetainedVm {
    /** The VM was never kept. */
    record None() implements RetainedVm {}

    /**
     * It was, and may have been taken over since.
     *
     * @param holder UID of the VM object that took it over; empty while none has
     */
    record Kept(RetainedVMRecord record, Optional<String> holder) implements RetainedVm {}

    /** What is on record cannot be read. */
    record Damaged(String why) implements RetainedVm {}

    static RetainedVm of(KeyFacts key) {
        return switch (key) {
            case KeyFacts.Absent absent -> new None();
            case KeyFacts.Held held -> of(held.secret());
            case KeyFacts.Invalid invalid -> of(invalid.secret());
        };
    }

    private static RetainedVm of(Secret secret) {
        Map<String, String> annotations =
                Optional.ofNullable(secret.getMetadata().getAnnotations()).orElseGet(Map::of);
        String json = annotations.get(Api.RETAINED_VM);
        if (json == null) {
            return new None();
        }
        try {
            return new Kept(
                    RetainedVMRecord.parse(json),
                    Optional.ofNullable(annotations.get(Api.TAKEN_OVER_BY)).filter(holder -> !holder.isEmpty()));
        } catch (IllegalArgumentException e) {
            return new Damaged(e.getMessage());
        }
    }

    default Optional<Kept> kept() {
        return this instanceof Kept kept ? Optional.of(kept) : Optional.empty();
    }

    default Optional<Kept> heldBy(String ownerUid) {
        return kept().filter(kept -> kept.holder().equals(Optional.of(ownerUid)));
    }

    default boolean heldByAnotherThan(String ownerUid) {
        return kept().flatMap(Kept::holder)
                .filter(holder -> !holder.equals(ownerUid))
                .isPresent();
    }
}
