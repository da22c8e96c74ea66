package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** Name, title and metadata. The name is the UID, since a VM's own name can be longer than a file name. */
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
