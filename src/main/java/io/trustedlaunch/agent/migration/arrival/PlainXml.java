package io.trustedlaunch.agent.migration.arrival;

import io.trustedlaunch.agent.domain.DomainMetadata;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads the part of XML that libvirt writes. libvirt reads the same text with another parser, so anything that two
 * parsers could understand differently is refused: declarations, comments, CDATA, entities, other namespaces.
 */
final class PlainXml {
    private static final int MAX_DEPTH = 32;

    /** The only namespace in a domain of ours. */
    private static final Map<String, String> NAMESPACES = Map.of("tl", DomainMetadata.NAMESPACE);

    private final XMLStreamReader reader;

    private PlainXml(XMLStreamReader reader) {
        this.reader = reader;
    }

    static XmlElement parse(String text) throws RefusedXmlException {
        if (!text.startsWith("<")) {
            throw new RefusedXmlException("it does not begin with an element");
        }
        if (text.contains("<!") || text.contains("<?")) {
            throw new RefusedXmlException("it has a declaration, comment, CDATA section or processing instruction");
        }
        try {
            XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            factory.setProperty(XMLInputFactory.IS_COALESCING, true);
            return new PlainXml(factory.createXMLStreamReader(new StringReader(text))).document();
        } catch (XMLStreamException e) {
            throw new RefusedXmlException("it is not well-formed XML");
        }
    }

    /** An element that is not at its end yet. */
    private record Open(String name, Map<String, String> attributes, StringBuilder text, List<XmlElement> children) {
        /** White space alone is indentation. Beside a text it is a part of that, also for libvirt. */
        XmlElement close() {
            String all = text.toString();
            return new XmlElement(name, attributes, all.isBlank() ? "" : all, children);
        }
    }

    private XmlElement document() throws XMLStreamException, RefusedXmlException {
        Deque<Open> open = new ArrayDeque<>();
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    if (open.size() == MAX_DEPTH) {
                        throw new RefusedXmlException("its elements are nested too deeply");
                    }
                    open.push(start());
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    XmlElement closed = open.pop().close();
                    if (open.isEmpty()) {
                        requireEnd();
                        return closed;
                    }
                    open.peek().children().add(closed);
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.SPACE -> {
                    if (!open.isEmpty()) {
                        open.peek().text().append(reader.getText());
                    }
                }
                default -> throw new RefusedXmlException("it has something else than elements and text");
            }
        }
        throw new RefusedXmlException("it has no element");
    }

    private void requireEnd() throws XMLStreamException, RefusedXmlException {
        while (reader.hasNext()) {
            int next = reader.next();
            if (next != XMLStreamConstants.SPACE && next != XMLStreamConstants.END_DOCUMENT) {
                throw new RefusedXmlException("it has something after its end");
            }
        }
    }

    private Open start() throws RefusedXmlException {
        for (int i = 0; i < reader.getNamespaceCount(); i++) {
            requireKnown(reader.getNamespacePrefix(i), reader.getNamespaceURI(i));
        }
        Map<String, String> attributes = new TreeMap<>();
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            attributes.put(
                    name(reader.getAttributePrefix(i), reader.getAttributeLocalName(i)), reader.getAttributeValue(i));
        }
        return new Open(
                name(reader.getPrefix(), reader.getLocalName()), attributes, new StringBuilder(), new ArrayList<>());
    }

    private static void requireKnown(String prefix, String namespace) throws RefusedXmlException {
        if (prefix == null || !String.valueOf(namespace).equals(NAMESPACES.get(prefix))) {
            throw new RefusedXmlException(
                    "namespace " + QuotedInput.value(String.valueOf(namespace)) + " is not expected");
        }
    }

    private static String name(String prefix, String local) {
        return prefix == null || prefix.isEmpty() ? local : prefix + ":" + local;
    }
}
