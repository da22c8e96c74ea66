package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** Who this is: the name is the UID, for a VM's own name can be longer than a file name; people read the title. */
final class IdentitySection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        DomainIdentity identity = spec.identity();
        return Stream.of(
                Xml.element("name", identity.vm()),
                Xml.element("uuid", identity.vm()),
                Xml.element("title", identity.namespace() + "/" + identity.name()),
                Xml.element("metadata").containing(DomainMetadata.of(identity)));
    }
}
