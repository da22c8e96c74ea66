package io.trustedlaunch.agent.domain;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Optional;
import java.util.UUID;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** What marks a domain as ours and says whose life it is. Written once, read back by every later version. */
public final class DomainMetadata {
    public static final String NAMESPACE = "https://trustedlaunch.io/domain/1";

    private DomainMetadata() {}

    static Xml of(DomainIdentity identity) {
        return Xml.element("tl:domain")
                .with("xmlns:tl", NAMESPACE)
                .containing(
                        Xml.element("tl:vm", identity.vm()),
                        Xml.element("tl:epoch", identity.epoch()),
                        Xml.element("tl:namespace", identity.namespace()),
                        Xml.element("tl:name", identity.name()));
    }

    /** Whose life the domain is that libvirt describes; empty where it is none of ours. */
    public static Optional<DomainIdentity> read(String domainXml) {
        try {
            NodeList ours = parse(domainXml).getElementsByTagNameNS(NAMESPACE, "domain");
            return ours.getLength() == 1 ? identity((Element) ours.item(0)) : Optional.empty();
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new IllegalArgumentException("libvirt described a domain in XML that cannot be read", e);
        }
    }

    /** The same domain as another life, as it is to be on another host. */
    public static String withEpoch(String domainXml, long epoch) {
        try {
            Document document = parse(domainXml);
            NodeList epochs = document.getElementsByTagNameNS(NAMESPACE, "epoch");
            if (epochs.getLength() != 1) {
                throw new IllegalArgumentException("a domain that carries no epoch of ours");
            }
            epochs.item(0).setTextContent(Long.toString(epoch));
            Transformer transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            StringWriter text = new StringWriter();
            transformer.transform(new DOMSource(document), new StreamResult(text));
            return text.toString();
        } catch (SAXException | IOException | ParserConfigurationException | TransformerException e) {
            throw new IllegalArgumentException("libvirt described a domain in XML that cannot be read", e);
        }
    }

    private static Document parse(String domainXml) throws SAXException, IOException, ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(domainXml)));
    }

    private static Optional<DomainIdentity> identity(Element domain) {
        try {
            return Optional.of(new DomainIdentity(
                    UUID.fromString(text(domain, "vm")),
                    Long.parseLong(text(domain, "epoch")),
                    text(domain, "namespace"),
                    text(domain, "name")));
        } catch (IllegalArgumentException e) {
            // Somebody else wrote into our namespace; a domain that nobody here started is not ours to handle.
            return Optional.empty();
        }
    }

    private static String text(Element domain, String name) {
        NodeList found = domain.getElementsByTagNameNS(NAMESPACE, name);
        return found.getLength() == 1 ? found.item(0).getTextContent() : "";
    }
}
