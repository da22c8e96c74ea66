package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** Memory and processor. */
final class ProcessorSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return Stream.of(
                Xml.element("memory", spec.memoryBytes()).with("unit", "b"),
                Xml.element("vcpu", spec.cores()).with("placement", "static"),
                cpu(spec));
    }

    private static Xml cpu(DomainSpec spec) {
        // One socket: client editions of Windows use no more than two, however many cores there are.
        Xml topology = Xml.element("topology")
                .with("sockets", 1)
                .with("dies", 1)
                .with("cores", spec.cores())
                .with("threads", 1);
        return switch (spec.acceleration()) {
            // All that QEMU can emulate: the distributions of today want more than its oldest processor has.
            case EMULATED -> Xml.element("cpu").with("mode", "maximum").containing(topology);
            case KVM -> hostModel().containing(topology);
            case KVM_NESTED_INTEL -> hostModel().containing(topology, required("vmx"));
            case KVM_NESTED_AMD -> hostModel().containing(topology, required("svm"));
        };
    }

    /** Named features instead of whatever the host has: another host can tell whether it can take the VM over. */
    private static Xml hostModel() {
        return Xml.element("cpu").with("mode", "host-model").with("check", "partial");
    }

    private static Xml required(String feature) {
        return Xml.element("feature").with("policy", "require").with("name", feature);
    }
}
