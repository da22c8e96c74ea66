package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.placement.Allocated;

/** A step that reserves a part of a node for an epoch. */
public interface Reservation extends Charged {
    String node();

    long epoch();

    Allocated allocated(VmFacts facts);
}
