package io.trustedlaunch.agent.migration.arrival;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An element of a document.
 *
 * @param name with the prefix of its namespace
 * @param text empty if it is nothing but white space
 */
record XmlElement(String name, Map<String, String> attributes, String text, List<XmlElement> children) {
    XmlElement {
        attributes = new TreeMap<>(attributes);
        children = List.copyOf(children);
    }

    static XmlElement of(String name, String text) {
        return new XmlElement(name, Map.of(), text, List.of());
    }

    XmlElement with(String attribute, String value) {
        Map<String, String> more = new TreeMap<>(attributes);
        more.put(attribute, value);
        return new XmlElement(name, more, text, children);
    }

    XmlElement without(String attribute) {
        Map<String, String> fewer = new TreeMap<>(attributes);
        fewer.remove(attribute);
        return new XmlElement(name, fewer, text, children);
    }

    XmlElement containing(XmlElement... more) {
        List<XmlElement> all = new ArrayList<>(children);
        all.addAll(List.of(more));
        return withChildren(all.stream());
    }

    XmlElement withChildren(Stream<XmlElement> others) {
        return new XmlElement(name, attributes, text, others.toList());
    }

    XmlElement withText(String other) {
        return new XmlElement(name, attributes, other, children);
    }

    Stream<XmlElement> children(String childName) {
        return children.stream().filter(child -> child.name.equals(childName));
    }

    /** The elements at the end of a path of names. */
    Stream<XmlElement> at(String... path) {
        Stream<XmlElement> found = Stream.of(this);
        for (String step : path) {
            found = found.flatMap(element -> element.children(step));
        }
        return found;
    }
}
