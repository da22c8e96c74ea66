package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;

/** Why an incarnation never runs again. Whatever begins, ends or is removed because of that asks {@link VmNodes#over}. */
public sealed interface Over {
    /** Its agent has reported it. */
    record BySelf() implements Over {}

    /**
     * Its agent has not reported it, and its node is proved dead. The proof may be a person's word, and wrong: what begins
     * because of it names the fence, and its agent looks again before the guest runs.
     */
    record ByFence(Incarnation incarnation, ProvedDeath death) implements Over {
        public String fence() {
            return death.fence();
        }
    }
}
