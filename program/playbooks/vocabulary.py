"""The fixed words a playbook may use: KPI codes and customer channels.

Both come from the domain handbook. What is shown to people for each of them belongs to the rooms that show it;
here stands only what a file may say.
"""

# Handbook, section 6: each KPI of the catalogue by its code.
KPI_CODES = frozenset(
    {
        "CSAT",
        "FCR",
        "AHT",
        "NPS",
        "CES",
        "CLV",
        "RET",
        "CONV",
        "XCONV",
        "SWITCH",
        "ABANDON",
        "CPC",
        "AOV",
        "CHPERF",
    }
)

# Handbook, introduction: the channels a customer may use. Messenger and WhatsApp count as social media.
CHANNELS = ("web", "app", "chat", "email", "phone", "social", "shop")
