"""What the how-tos say, every control by its real name. No Qt."""

from __future__ import annotations

from core.language import N_
from gui.shell.how_tos.how_to import HowTo, Step

_EXAMPLES = {"page": N_("Examples")}
_LIBRARY = {"page": N_("Library")}

HOW_TOS = (
    HowTo(
        "table",
        N_("Use your own table"),
        N_("Excel, CSV, or cells that you copied"),
        N_("import file data excel csv spreadsheet questions answers own"),
        (
            Step(N_("Give the table one column with questions and one with the answers you want.")),
            Step(
                N_("No table yet? On “{page}”, press “{template}” and fill it in."),
                {**_EXAMPLES, "template": N_("Save a template …")},
            ),
            Step(
                N_("Drop the file on “{page}”, or press “{choose}”. “{paste}” takes copied cells."),
                {**_EXAMPLES, "choose": N_("Choose files …"), "paste": N_("Paste a table")},
            ),
            Step(
                N_("If question and answer were mixed up, press “{correct}”."),
                {"correct": N_("Correct columns or encoding …")},
            ),
            Step(N_("Decide about what was found. What could do harm stands first.")),
            Step(
                N_("Read a few rows at the right. “{leave}” takes a bad one out."),
                {"leave": N_("Leave this row out")},
            ),
            Step(N_("Press the button at the lower right. Your own file is never changed.")),
        ),
    ),
    HowTo(
        "chats",
        N_("Use chats or mails"),
        N_("WhatsApp, Telegram, a mail box"),
        N_("import file conversations messages signal discord slack mbox email phone own"),
        (
            Step(N_("In WhatsApp, open the chat, choose to export it, and leave the media out.")),
            Step(N_("In Telegram, Signal, Discord or Slack, export the chat as a file.")),
            Step(N_("From a mail program, save the folder as an mbox file, or mails as .eml.")),
            Step(
                N_("Drop the file or the ZIP archive on “{page}”, or press “{choose}”."),
                {**_EXAMPLES, "choose": N_("Choose files …")},
            ),
            Step(
                N_("You are asked whose messages to learn from. Choose, then press “{learn}”."),
                {"learn": N_("Learn from this person")},
            ),
            Step(
                N_("Names, addresses and passwords are found for you: press “{hide}”."),
                {"hide": N_("Hide them")},
            ),
            Step(N_("Ask the others before you share a model that learned from their messages.")),
        ),
    ),
    HowTo(
        "documents",
        N_("Use documents"),
        N_("PDF, Word, e-books, web pages"),
        N_("import file text docx epub html book manual questions own"),
        (
            Step(
                N_("Drop the files on “{page}”, or press “{folder}”."),
                {**_EXAMPLES, "folder": N_("Choose a folder …")},
            ),
            Step(N_("As they are, the model learns to continue such texts, not to answer.")),
            Step(
                N_("For answers, press “{make}” beside “{card}”, and choose a base model."),
                {"make": N_("Make questions …"), "card": N_("Questions from your documents")},
            ),
            Step(
                N_("Read the proposed pairs, correct what is wrong, then press “{use}”."),
                {"use": N_("Use the accepted pairs")},
            ),
            Step(N_("A scanned PDF holds pictures, no text. Have it recognised (OCR) first.")),
        ),
    ),
    HowTo(
        "saved",
        N_("Use your model elsewhere"),
        N_("Ollama, LM Studio, Python, a phone"),
        N_("export download share gguf adapter file other computer send install server"),
        (
            Step(
                N_("To try it, save nothing: press “{chat}” on “{page}”."),
                {"chat": N_("Try it in a chat"), "page": N_("Saving")},
            ),
            Step(
                N_("For other programs, choose “{ollama}”, “{studio}” or “{python}” there."),
                {"ollama": N_("Ollama"), "studio": N_("LM Studio"), "python": N_("Python")},
            ),
            Step(
                N_("Press “{save}”. The copy is loaded and compared before it counts as saved."),
                {"save": N_("Save and check")},
            ),
            Step(
                N_("If the program is on this computer, press “{in_ollama}” or “{in_studio}”."),
                {"in_ollama": N_("Create in Ollama"), "in_studio": N_("Copy to LM Studio")},
            ),
            Step(
                N_("Otherwise do what “{now}” says: “{copy}” takes the lines to type."),
                {"now": N_("What to do now"), "copy": N_("Copy the lines")},
            ),
            Step(
                N_("For another computer choose “{other}”, and copy the whole folder to it."),
                {"other": N_("Another machine")},
            ),
            Step(
                N_(
                    "For a phone, save a small model as GGUF under “{other}” and open the file in "
                    "an app there that runs such files."
                ),
                {"other": N_("Another machine")},
            ),
            Step(
                N_("Programs that speak OpenAI's language can ask it: “{daily}”, “{start}”."),
                {"daily": N_("Daily use"), "start": N_("Start the server")},
            ),
        ),
    ),
    HowTo(
        "undo",
        N_("Undo or get back"),
        N_("Examples, fine-tunes, projects"),
        N_("revert restore recover mistake back deleted lost wrong examples project"),
        (
            Step(N_("Press Ctrl+Z. It undoes the last thing on the page, again and again.")),
            Step(
                N_("For a row of your examples, choose it and press “{row}”."),
                {"row": N_("Undo for this row")},
            ),
            Step(N_("Your own files are never changed, so they can always be read again.")),
            Step(
                N_("A deleted fine-tune lies on “{page}” for 30 days: press “{restore}”."),
                {**_LIBRARY, "restore": N_("Restore")},
            ),
            Step(
                N_("One that you put away: show the archived ones there, then press “{take}”."),
                {"take": N_("Take out of the archive")},
            ),
            Step(
                N_("A project that left the list is still on the disk: “{open}” on “{page}”."),
                {"open": N_("Open a folder …"), "page": N_("Start")},
            ),
            Step(
                N_("A deleted conversation comes back with “{undo}” in the message about it."),
                {"undo": N_("Undo")},
            ),
        ),
    ),
    HowTo(
        "delete",
        N_("Delete and free the disk"),
        N_("Fine-tunes, base models, projects"),
        N_("remove space full clean folder storage gigabytes model project record token"),
        (
            Step(
                N_("A fine-tune: choose it on “{page}” and press “{delete}”."),
                {**_LIBRARY, "delete": N_("Delete")},
            ),
            Step(
                N_("Its space is free after 30 days, or when you empty the list of deleted ones.")
            ),
            Step(
                N_("A base model: “{models}” on “{page}” shows its size and what needs it."),
                {**_LIBRARY, "models": N_("Base models …")},
            ),
            Step(
                N_("A project: “{folder}” in its menu on “{page}”. Delete the folder there."),
                {"folder": N_("Open its folder"), "page": N_("Start")},
            ),
            Step(
                N_("What was asked of your model: “{record}” on “{page}”."),
                {"record": N_("Delete the record"), "page": N_("Daily use")},
            ),
            Step(
                N_("The access token of a hub: “{forget}” in “{page}”."),
                {"forget": N_("Forget the access token"), "page": N_("Preferences")},
            ),
            Step(N_("Folders that you saved a model to are yours; nothing here deletes them.")),
        ),
    ),
    HowTo(
        "night",
        N_("Train over night"),
        N_("The window, sleep, heat"),
        N_(
            "close window sleep heat hot noise fan long background queue continue pause temperature"
        ),
        (
            Step(
                N_("Press “{trial}” on “{page}”: it measures how long the run will take."),
                {"trial": N_("Run 2-minute trial"), "page": N_("Settings")},
            ),
            Step(
                N_("In “{page}”, “{awake}” keeps the computer from sleeping."),
                {"page": N_("Preferences"), "awake": N_("&Keep the computer awake")},
            ),
            Step(
                N_("Too warm or too loud? “{hold}” makes it take short breaks."),
                {"hold": N_("&Hold the card's temperature at")},
            ),
            Step(
                N_("Start the run. “{queue}” lets several runs follow each other."),
                {"queue": N_("Add to the queue …")},
            ),
            Step(
                N_("You may close the window: choose “{keep}”."),
                {"keep": N_("Keep training")},
            ),
            Step(N_("Stay logged in, and do not close the lid of a laptop.")),
            Step(
                N_("After a power cut, open the project: “{resume}” loses minutes, not the night."),
                {"resume": N_("Resume the run")},
            ),
        ),
    ),
    HowTo(
        "no_card",
        N_("Without a graphics card"),
        N_("What works, and how long it takes"),
        N_("cpu processor laptop slow gpu nvidia amd driver mac small"),
        (
            Step(
                N_("Everything works on the processor, only slowly. Begin with “{sample}”."),
                {"sample": N_("Try the sample project")},
            ),
            Step(
                N_("On “{page}”, tick “{fits}”, and choose the smallest model that will do."),
                {"page": N_("Base model"), "fits": N_("Fits on this computer")},
            ),
            Step(
                N_("On “{page}”, press “{trial}” before you start, and let it run over night."),
                {"page": N_("Settings"), "trial": N_("Run 2-minute trial")},
            ),
            Step(
                N_("Ask first whether a prompt would do: “{prompt}” on the same page."),
                {"prompt": N_("Measure what a prompt achieves")},
            ),
            Step(
                N_("There is a card, but it is not seen? “{check}” names what is missing."),
                {"check": N_("Check everything")},
            ),
        ),
    ),
)
