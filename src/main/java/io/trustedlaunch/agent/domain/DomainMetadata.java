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

/** The metadata that names a domain's incarnation. Later versions of the agent must be able to read it. */
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

    /** The identity in libvirt's description of a domain; empty if the domain has another owner. */
    public static Optional<DomainIdentity> read(String domainXml) {
        try {
            NodeList found = parse(domainXml).getElementsByTagNameNS(NAMESPACE, "domain");
            return found.getLength() == 1 ? identity((Element) found.item(0)) : Optional.empty();
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new IllegalArgumentException("cannot parse libvirt's XML of a domain", e);
        }
    }

    /** The same domain with another epoch, for the target of a migration. */
    public static String withEpoch(String domainXml, long epoch) {
        try {
            Document document = parse(domainXml);
            NodeList epochs = document.getElementsByTagNameNS(NAMESPACE, "epoch");
            if (epochs.getLength() != 1) {
                throw new IllegalArgumentException(
                        "the domain's XML has " + epochs.getLength() + " epochs in namespace " + NAMESPACE + ", not 1");
            }
            epochs.item(0).setTextContent(Long.toString(epoch));
            Transformer transformer = TransformerFactory.newDefaultInstance().newTransformer();
            transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
            StringWriter text = new StringWriter();
            transformer.transform(new DOMSource(document), new StreamResult(text));
            return text.toString();
        } catch (SAXException | IOException | ParserConfigurationException | TransformerException e) {
            throw new IllegalArgumentException("cannot parse libvirt's XML of a domain", e);
        }
    }

    static Document parse(String domainXml) throws SAXException, IOException, ParserConfigurationException {
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
            // Not written by an agent, so the domain has another owner.
            return Optional.empty();
        }
    }

    private static String text(Element domain, String name) {
        NodeList found = domain.getElementsByTagNameNS(NAMESPACE, name);
        return found.getLength() == 1 ? found.item(0).getTextContent() : "";
    }
}
