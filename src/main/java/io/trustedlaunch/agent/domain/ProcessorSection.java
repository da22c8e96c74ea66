package io.trustedlaunch.agent.domain;

import java.util.stream.Stream;

/** Memory and processors. */
final class ProcessorSection implements Section {
    @Override
    public Stream<Xml> of(DomainSpec spec) {
        return Stream.of(
                Xml.element("memory", spec.memoryBytes()).with("unit", "b"),
                Xml.element("vcpu", spec.cores()).with("placement", "static"),
                cpu(spec));
    }

    private static Xml cpu(DomainSpec spec) {
        // One socket: client editions of Windows use at most two.
        Xml topology = Xml.element("topology")
                .with("sockets", 1)
                .with("dies", 1)
                .with("cores", spec.cores())
                .with("threads", 1);
        return switch (spec.acceleration()) {
            // Current distributions need more than QEMU's default model has.
            case EMULATED -> Xml.element("cpu").with("mode", "maximum").containing(topology);
            case KVM -> hostModel().containing(topology);
            case KVM_NESTED_INTEL -> nesting(spec, topology, "vmx");
            case KVM_NESTED_AMD -> nesting(spec, topology, "svm");
        };
    }

    private static Xml nesting(DomainSpec spec, Xml topology, String virtualization) {
        return hostModel()
                .containing(topology, required(virtualization))
                .containing(spec.withoutFeatures().stream().map(ProcessorSection::disabled));
    }

    /** A model with named features, so that another host can check whether the VM can migrate to it. */
    private static Xml hostModel() {
        return Xml.element("cpu").with("mode", "host-model").with("check", "partial");
    }

    private static Xml required(String feature) {
        return Xml.element("feature").with("policy", "require").with("name", feature);
    }

    private static Xml disabled(String feature) {
        return Xml.element("feature").with("policy", "disable").with("name", feature);
    }
}
