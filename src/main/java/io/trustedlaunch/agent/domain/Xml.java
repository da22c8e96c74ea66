package io.trustedlaunch.agent.domain;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * An XML element. All values of a domain pass through this class and the JDK's writer, and text is never concatenated
 * with markup, so that no value can become markup.
 */
record Xml(String name, Map<String, String> attributes, List<Xml> children, String text) {
    static Xml element(String name) {
        return new Xml(name, Map.of(), List.of(), "");
    }

    static Xml element(String name, Object text) {
        return new Xml(name, Map.of(), List.of(), text.toString());
    }

    Xml with(String attribute, Object value) {
        Map<String, String> more = new LinkedHashMap<>(attributes);
        more.put(attribute, value.toString());
        return new Xml(name, more, children, text);
    }

    Xml containing(Xml... more) {
        return containing(Stream.of(more));
    }

    Xml containing(Stream<Xml> more) {
        List<Xml> all = new ArrayList<>(children);
        more.forEach(all::add);
        return new Xml(name, attributes, all, text);
    }

    /** The element as a document, indented. */
    String render() {
        StringWriter out = new StringWriter();
        try {
            XMLStreamWriter writer = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out);
            write(writer, 0);
            writer.close();
        } catch (XMLStreamException e) {
            throw new IllegalArgumentException("cannot write element " + name + " as XML", e);
        }
        return out.append('\n').toString();
    }

    private void write(XMLStreamWriter writer, int depth) throws XMLStreamException {
        if (children.isEmpty() && text.isEmpty()) {
            writer.writeEmptyElement(name);
            writeAttributes(writer);
            return;
        }
        writer.writeStartElement(name);
        writeAttributes(writer);
        writer.writeCharacters(text);
        for (Xml child : children) {
            writer.writeCharacters("\n" + "  ".repeat(depth + 1));
            child.write(writer, depth + 1);
        }
        if (!children.isEmpty()) {
            writer.writeCharacters("\n" + "  ".repeat(depth));
        }
        writer.writeEndElement();
    }

    private void writeAttributes(XMLStreamWriter writer) throws XMLStreamException {
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            writer.writeAttribute(attribute.getKey(), attribute.getValue());
        }
    }
}
