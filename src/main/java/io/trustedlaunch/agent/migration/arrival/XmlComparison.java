package io.trustedlaunch.agent.migration.arrival;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares what arrived with what is expected.
 *
 * @param added what may be there besides
 * @param rewritten values that may differ
 */
record XmlComparison(AllowedXml added, AllowedXml rewritten) {
    /** Names the first difference; empty if there is none. */
    Optional<String> refusal(XmlElement expected, XmlElement arrived) {
        return expected.name().equals(arrived.name())
                ? refusal(expected, arrived, expected.name())
                : Optional.of("element " + QuotedInput.text(arrived.name()) + " is not expected");
    }

    private Optional<String> refusal(XmlElement expected, XmlElement arrived, String path) {
        return value(path, expected.text(), arrived.text())
                .or(() -> attributes(expected, arrived, path))
                .or(() -> children(expected, arrived, path));
    }

    private Optional<String> value(String path, String expected, String arrived) {
        return arrived.equals(expected) || rewritten.allows(path, arrived)
                ? Optional.empty()
                : Optional.of(
                        path + " is " + QuotedInput.value(arrived) + " instead of " + QuotedInput.value(expected));
    }

    private Optional<String> attributes(XmlElement expected, XmlElement arrived, String path) {
        for (Map.Entry<String, String> attribute : arrived.attributes().entrySet()) {
            String at = path + "@" + attribute.getKey();
            String wanted = expected.attributes().get(attribute.getKey());
            Optional<String> refusal =
                    wanted == null ? added.refusal(at, attribute.getValue()) : value(at, wanted, attribute.getValue());
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return expected.attributes().keySet().stream()
                .filter(name -> !arrived.attributes().containsKey(name))
                .map(name -> "attribute " + path + "@" + name + " is missing")
                .findFirst();
    }

    /** Each expected child arrives once, and the others are additions. */
    private Optional<String> children(XmlElement expected, XmlElement arrived, String path) {
        List<XmlElement> awaited = new ArrayList<>(expected.children());
        for (XmlElement child : arrived.children()) {
            String at = path + "/" + child.name();
            Optional<XmlElement> same = awaited.stream()
                    .filter(candidate -> candidate.name().equals(child.name()))
                    .filter(candidate -> refusal(candidate, child, at).isEmpty())
                    .findFirst();
            if (same.isPresent()) {
                awaited.remove(same.get());
                continue;
            }
            Optional<String> refusal = isSecondAddress(expected, child)
                    ? Optional.of("element " + at + " is there twice")
                    : added.refusal(at, child);
            if (refusal.isPresent()) {
                return nearest(awaited, child, at).or(() -> refusal);
            }
        }
        return awaited.stream()
                .map(missing -> "element " + path + "/" + missing.name() + " is missing")
                .findFirst();
    }

    /** A device has one address; of two, libvirt takes the first. */
    private static boolean isSecondAddress(XmlElement expected, XmlElement child) {
        return child.name().equals("address")
                && expected.children(child.name()).findAny().isPresent();
    }

    /** How the child differs from the next expected one of its name. */
    private Optional<String> nearest(List<XmlElement> awaited, XmlElement child, String path) {
        return awaited.stream()
                .filter(candidate -> candidate.name().equals(child.name()))
                .findFirst()
                .flatMap(candidate -> refusal(candidate, child, path));
    }
}
