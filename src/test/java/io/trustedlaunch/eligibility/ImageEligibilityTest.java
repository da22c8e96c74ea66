package io.trustedlaunch.eligibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImageForm;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageSpec.Identifier;
import io.trustedlaunch.api.image.GuestImageSpecBuilder;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Enforcement;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.Rule;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpec.WhenSecureBootOff;
import io.trustedlaunch.api.image.ImageEligibilityPolicySpecRuleBuilder;
import io.trustedlaunch.api.image.OsType;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.testkit.GuestImages;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageEligibilityTest {
    private static final Rule WINDOWS_11 = new Rule(
            "windows-11",
            "microsoftwindowsdesktop",
            List.of("windows-11", "office-365"),
            List.of("win11-*"),
            List.of("win11-24h2*"));

    private static final Rule WINDOWS_SERVER_2022 = new Rule(
            "windows-server-2022", "microsoftwindowsserver", List.of("windowsserver"), List.of("2022-*"), null);

    @Test
    void withoutAPolicyNothingIsEligible() {
        assertThat(evaluate("debian", "debian-12", "12-gen2").reason()).isEqualTo(Reason.NoPolicy);
    }

    @Test
    void anAllowedImageNamesPolicyAndRule() {
        EligibilityVerdict verdict = evaluate(
                "microsoftwindowsserver",
                "windowsserver",
                "2022-datacenter",
                policy("azure-local", Provenance.None, WINDOWS_11, WINDOWS_SERVER_2022));
        assertThat(verdict)
                .isEqualTo(new EligibilityVerdict.Allowed("azure-local/windows-server-2022", Provenance.None));
    }

    @Test
    void theClosestRuleIsNamedWithTheReason() {
        EligibilityVerdict verdict = evaluate(
                "microsoftwindowsserver",
                "windowsserver",
                "2019-datacenter",
                policy("azure-local", Provenance.None, WINDOWS_11, WINDOWS_SERVER_2022));
        assertThat(verdict.message())
                .contains("microsoftwindowsserver:windowsserver:2019-datacenter")
                .contains("azure-local/windows-server-2022")
                .contains("skus [2022-*]");
    }

    @Test
    void anExceptionLimitsItsOwnRuleOnly() {
        Rule preview =
                new Rule("preview", "microsoftwindowsdesktop", List.of("windows-11"), List.of("win11-24h2-ent"), null);
        assertThat(evaluate(
                                "microsoftwindowsdesktop",
                                "windows-11",
                                "win11-24h2-ent",
                                policy("azure-local", Provenance.None, WINDOWS_11),
                                policy("lab", Provenance.None, preview))
                        .message())
                .contains("lab/preview");
    }

    @Test
    void aRuleIsForDisksUnlessItNamesDiscs() {
        Rule disks = new Rule("disks", "debian", null, null, null);
        Rule both = ImageEligibilityPolicySpecRuleBuilder.builder(disks)
                .forms(List.of(GuestImageForm.Disk, GuestImageForm.Disc))
                .build();
        Rule discs = ImageEligibilityPolicySpecRuleBuilder.builder(disks)
                .forms(List.of(GuestImageForm.Disc))
                .build();

        assertThat(ofForm(GuestImageForm.Disc, disks).reason()).isEqualTo(Reason.NoRuleAllows);
        assertThat(ofForm(GuestImageForm.Disc, disks).message())
                .contains("disks: its forms are [Disk], and the image has form Disc");
        assertThat(ofForm(GuestImageForm.Disk, discs).reason()).isEqualTo(Reason.NoRuleAllows);
        assertThat(ofForm(null, discs).reason()).as("a disk").isEqualTo(Reason.NoRuleAllows);
        assertThat(ofForm(GuestImageForm.Disc, discs)).isInstanceOf(EligibilityVerdict.Allowed.class);
        assertThat(ofForm(GuestImageForm.Disc, both)).isInstanceOf(EligibilityVerdict.Allowed.class);
        assertThat(ofForm(null, both)).isInstanceOf(EligibilityVerdict.Allowed.class);
    }

    private static EligibilityVerdict ofForm(GuestImageForm form, Rule rule) {
        return ImageEligibility.evaluate(
                ImageClaim.withoutMatch(
                        GuestImageSpecBuilder.builder(GuestImages.spec(GuestImages.DIGEST))
                                .identifier(new GuestImageSpec.Identifier("debian", "offer", "sku"))
                                .form(form)
                                .build(),
                        "no catalog"),
                List.of(policy("lab", Provenance.None, rule)));
    }

    @Test
    void withoutACatalogThereIsNoSignedProvenance() {
        EligibilityVerdict verdict = evaluate(
                "microsoftwindowsserver",
                "windowsserver",
                "2022-datacenter",
                policy("azure-local", Provenance.Signed, WINDOWS_SERVER_2022));
        assertThat(verdict.reason()).isEqualTo(Reason.ProvenanceMissing);
        assertThat(verdict.message()).contains("azure-local/windows-server-2022");
    }

    @Test
    void aPolicyThatRequiresSignaturesDoesNotRestrictOtherPolicies() {
        assertThat(evaluate(
                                "microsoftwindowsserver",
                                "windowsserver",
                                "2022-datacenter",
                                policy("a-signed", Provenance.Signed, WINDOWS_SERVER_2022),
                                policy("b-named", Provenance.None, WINDOWS_SERVER_2022))
                        .message())
                .contains("b-named/windows-server-2022");
    }

    @ParameterizedTest(name = "{0} against {1}: {2}")
    @CsvSource({
        "win11-*, win11-22h2, true",
        "win11-*, win11-, true",
        "win11-*, xwin11-22h2, false",
        "win11-??h2, win11-22h2, true",
        "win11-??h2, win11-22h2-ent, false",
        "*-azure-edition*, 2022-datacenter-azure-edition-core, true",
        "2022.*, 2022-datacenter, false",
        "*, anything, true",
        "a*b*c, aXbXbYc, true",
        "a*b*c, aXbXbY, false",
        "WIN11-*, win11-22h2, true",
    })
    void aGlobMatchesTheWholeNameWithoutRegardToCase(String pattern, String text, boolean matches) {
        assertThat(new Glob(pattern).matches(text)).isEqualTo(matches);
    }

    @Test
    void onePolicyIsEnoughToRefuseStartsWithoutSecureBoot() {
        assertThat(ImageEligibility.requiresSecureBoot(List.of())).isEmpty();
        assertThat(ImageEligibility.requiresSecureBoot(List.of(policy("a", Provenance.None), strict("b"), strict("c"))))
                .contains("b");
    }

    private static NamedPolicy strict(String name) {
        return new NamedPolicy(
                name,
                new ImageEligibilityPolicySpec(
                        Provenance.Signed, Enforcement.Creation, WhenSecureBootOff.RefuseStart, List.of()));
    }

    private static EligibilityVerdict evaluate(String publisher, String offer, String sku, NamedPolicy... policies) {
        GuestImageSpec image = GuestImageSpecBuilder.builder()
                .osType(OsType.Windows)
                .identifier(new Identifier(publisher, offer, sku))
                .version("1.0")
                .sha256("0".repeat(64))
                .build();
        return ImageEligibility.evaluate(
                ImageClaim.withoutMatch(image, "no ImageCatalog is in force"), List.of(policies));
    }

    private static NamedPolicy policy(String name, Provenance provenance, Rule... rules) {
        return new NamedPolicy(
                name,
                new ImageEligibilityPolicySpec(
                        provenance, Enforcement.Creation, WhenSecureBootOff.Report, List.of(rules)));
    }
}
