import { registry } from "@web/core/registry";

const CERTIFICATE = "/ksef_test/certificate.crt";
const KEY = "/ksef_test/certificate.key";

/** Give a file of this test database to a file input, as a person chooses one. */
async function choose(input, url) {
    const content = await (await fetch(url)).blob();
    const files = new DataTransfer();
    files.items.add(new File([content], url.split("/").pop()));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

function chooseFile(field, url) {
    return [
        {
            content: `choose the file of ${field}`,
            trigger: `.modal [name=${field}] input[type=file]:not(:visible)`,
            run: ({ anchor }) => choose(anchor, url),
        },
        { trigger: `.modal [name=${field}] .fa-pencil, .modal [name=${field}] .fa-trash` },
    ];
}

registry.category("web_tour.tours").add("ksef_upload", {
    steps: () => [
        {
            content: "the settings show the KSeF section",
            trigger: "#ksef_connection button:contains('Add certificate')",
            run: "click",
        },
        ...chooseFile("certificate_file", CERTIFICATE),
        ...chooseFile("key_file", KEY),
        {
            content: "a wrong password first",
            trigger: ".modal [name=password] input",
            run: "edit nie-to-haslo",
        },
        {
            trigger: ".modal button[name=action_save]:visible",
            run: "click",
        },
        {
            content: "the sentence names the field",
            trigger: ".modal:contains('does not open the private key') .btn-close",
            run: "click",
        },
        {
            content: "the form is still there, with its files",
            trigger: ".modal [name=password] input",
            run: "edit bardzo-tajne-haslo-1",
        },
        {
            trigger: ".modal button[name=action_save]:visible",
            run: "click",
        },
        {
            content: "the connection is active",
            trigger: "#ksef_connection:contains('Active connection')",
        },
    ],
});

registry.category("web_tour.tours").add("ksef_send", {
    steps: () => [
        {
            content: "post the draft",
            trigger: "button[name=action_post]:enabled",
            run: "click",
        },
        {
            content: "it is frozen",
            trigger: "[name=ksef_state]:contains('Waiting to be sent')",
        },
        {
            trigger: "button[name=action_invoice_sent]:visible",
            run: "click",
        },
        {
            content: "KSeF is chosen by itself",
            trigger: ".modal .o_form_view:contains('KSeF') input[type=checkbox]:checked",
        },
        {
            trigger: ".modal button[name=action_send_and_print]:visible",
            run: "click",
        },
        {
            content: "KSeF has given its number",
            trigger: "[name=ksef_state]:contains('Accepted by KSeF')",
            timeout: 40000,
        },
        { trigger: "[name=ksef_number]:visible" },
    ],
});

registry.category("web_tour.tours").add("ksef_import", {
    steps: () => [
        {
            content: "the button on the journal of bills",
            trigger: ".o_kanban_record:contains('Purchases') a[name=button_fetch_in_einvoices]",
            run: "click",
        },
        {
            content: "the bill is here",
            trigger: ".o_notification:contains('New bills received from KSeF: 1')",
            timeout: 40000,
        },
    ],
});
