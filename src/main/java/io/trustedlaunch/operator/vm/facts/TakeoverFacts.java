package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Optional;

/**
 * Facts that only a takeover is planned from; all others have {@link #NONE}.
 *
 * @param namespaceUID of the VM's namespace; read to retain the VM, too
 * @param formerOwner of the retained VM
 * @param identityInUse whether another VM object has this VM's identity
 */
@RecordBuilder
public record TakeoverFacts(Optional<String> namespaceUID, FormerOwner formerOwner, boolean identityInUse) {
    public static final TakeoverFacts NONE = new TakeoverFacts(Optional.empty(), FormerOwner.GONE, false);
}
