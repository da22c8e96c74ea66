package io.trustedlaunch.agent.migration.arrival;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.image.OsType;
import java.io.ByteArrayInputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What must hold for any bytes. */
final class ArrivalChecks {
    private static final int LONGEST_REASON = 1000;

    private ArrivalChecks() {}

    /** An accepted domain has no element and names no file that the recorded one does not; read by another parser. */
    static void domain(byte[] xml) throws Exception {
        Optional<String> refusal = ArrivingDomain.refusal(new String(xml, UTF_8), Guests.full(OsType.Windows));
        if (refusal.isPresent()) {
            assertThat(refusal.get()).isNotEmpty().hasSizeLessThan(LONGEST_REASON);
        } else {
            assertThat(names(new String(xml, UTF_8).getBytes(UTF_8)))
                    .isSubsetOf(names(Recordings.domain("windows-11"), Recordings.domain("windows-9")));
        }
    }

    static void cookie(byte[] xml) {
        MigrationCookie.refusal(new String(xml, UTF_8), Guests.copied())
                .ifPresent(reason -> assertThat(reason).isNotEmpty().hasSizeLessThan(LONGEST_REASON));
    }

    static byte[] cookieWithDisks() {
        String recorded = new String(Recordings.bytes("disks-9.calls"), UTF_8);
        String end = "</qemu-migration>";
        return recorded.substring(recorded.indexOf("<qemu-migration>"), recorded.indexOf(end) + end.length())
                .getBytes(UTF_8);
    }

    private static Set<String> names(byte[]... documents) throws Exception {
        Set<String> names = new HashSet<>();
        for (byte[] xml : documents) {
            Document document =
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(xml));
            NodeList elements = document.getElementsByTagName("*");
            for (int i = 0; i < elements.getLength(); i++) {
                names.add(elements.item(i).getNodeName());
                addFiles(elements.item(i), names);
            }
        }
        // Both are written by some version of libvirt, for some CPU.
        names.addAll(Set.of("model", "vendor", "feature", "maxphysaddr", "seclabel"));
        return names;
    }

    private static void addFiles(Node element, Set<String> names) {
        for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
            addFile(String.valueOf(child.getNodeValue()), names);
        }
        for (int i = 0; i < element.getAttributes().getLength(); i++) {
            addFile(element.getAttributes().item(i).getNodeValue(), names);
        }
    }

    private static void addFile(String value, Set<String> names) {
        if (value.strip().startsWith("/")) {
            names.add(value);
        }
    }
}
