package io.trustedlaunch.backup.s3;

import java.io.ByteArrayInputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** Reads texts out of the few kinds of documents that S3 answers with. No entity is resolved, and no DTD read. */
final class S3Xml {
    private static final int MAX_DEPTH = 8;

    private S3Xml() {}

    /** The texts of all elements that are nested so, from the root; empty also for what is no XML. */
    static List<String> texts(byte[] document, String... path) {
        List<String> wanted = List.of(path);
        List<String> texts = new ArrayList<>();
        try {
            XMLStreamReader reader = factory().createXMLStreamReader(new ByteArrayInputStream(document));
            Deque<String> open = new ArrayDeque<>();
            StringBuilder text = new StringBuilder();
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        open.addLast(reader.getLocalName());
                        text.setLength(0);
                        if (open.size() > MAX_DEPTH) {
                            return List.of();
                        }
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(reader.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        if (List.copyOf(open).equals(wanted)) {
                            texts.add(text.toString());
                        }
                        open.removeLast();
                    }
                    default -> {}
                }
            }
        } catch (XMLStreamException | RuntimeException e) {
            // The JDK's parser has unchecked exceptions for some malformed input.
            return List.of();
        }
        return texts;
    }

    static Optional<String> first(byte[] document, String... path) {
        return texts(document, path).stream().findFirst();
    }

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        return factory;
    }
}
