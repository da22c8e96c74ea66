package io.trustedlaunch.custody;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/** One PEM block with an expected label. */
final class PemBlock {
    static final String CERTIFICATE = "CERTIFICATE";
    static final String CERTIFICATE_REQUEST = "CERTIFICATE REQUEST";
    static final String PRIVATE_KEY = "PRIVATE KEY";

    /** More than any certificate or key here has; bounds the work for untrusted input. */
    private static final int MAX_CHARACTERS = 16 * 1024;

    private PemBlock() {}

    static String write(String label, byte[] content) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(label, content));
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return text.toString();
    }

    /** @throws IllegalArgumentException whose message does not quote the text, which may be a private key */
    static byte[] read(String label, String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("PEM text of " + text.length() + " characters is too long");
        }
        try (PemReader reader = new PemReader(new StringReader(text))) {
            PemObject block = reader.readPemObject();
            if (block == null || !block.getType().equals(label)) {
                throw new IllegalArgumentException("no PEM block of type " + label);
            }
            if (reader.readPemObject() != null) {
                throw new IllegalArgumentException("more than one PEM block");
            }
            return block.getContent();
        } catch (IOException | RuntimeException e) {
            if (e instanceof IllegalArgumentException known && known.getCause() == null) {
                throw known;
            }
            throw new IllegalArgumentException(
                    "malformed PEM block of type " + label + " (" + e.getClass().getSimpleName() + ")");
        }
    }
}
