package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** One concern of a domain: what of the spec it needs, as elements. */
@FunctionalInterface
interface Section {
    Stream<Xml> of(DomainSpec spec);
}
