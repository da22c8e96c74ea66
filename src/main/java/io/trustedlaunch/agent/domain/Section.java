package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** Builds the elements of one part of a domain. */
@FunctionalInterface
interface Section {
    Stream<Xml> of(DomainSpec spec);
}
