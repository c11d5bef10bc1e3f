"""Prompts made from hand-written wordings and real text, in the labels' own words.

In the training data the requests for translation, extraction and rewriting come from few templates, so a model can learn the
templates instead of the request. Here many short instructions meet texts of every kind, also texts that look like another
label (a question to translate, code to summarise), so that only the instruction tells the label.
"""
import re

LANGUAGES = (
    "English French German Spanish Italian Portuguese Dutch Polish Russian Ukrainian Turkish Greek Arabic Hebrew Hindi Bengali Urdu "
    "Persian Thai Vietnamese Indonesian Malay Japanese Korean Chinese Mandarin Cantonese Swedish Danish Norwegian Finnish Czech "
    "Slovak Hungarian Romanian Bulgarian Serbian Croatian Latvian Lithuanian Estonian Catalan Basque Irish Welsh Swahili Zulu "
    "Tamil Telugu Tagalog Latin Esperanto Icelandic Albanian Georgian Armenian Mongolian Nepali Yoruba").split()
PROGRAMMING = (
    "Python Java JavaScript TypeScript C C++ C# Go Rust Ruby PHP Swift Kotlin Scala Haskell Lua Perl R MATLAB Bash PowerShell SQL "
    "HTML CSS React Vue Angular Django Flask Spring Node.js ASP.NET Terraform Dockerfile YAML regex").split()
TOPICS = (
    "climate change;remote work;the French Revolution;black holes;sourdough bread;electric cars;the Roman Empire;mental health;"
    "social media;artificial intelligence;a lost dog;the ocean;my grandmother's garden;time travel;coffee;a haunted lighthouse;"
    "space exploration;online privacy;football;the importance of sleep;a small bakery;autumn;friendship;renewable energy;vaccines;"
    "the Cold War;chess;jazz music;volcanoes;inflation;blockchain;yoga;a dragon who is afraid of fire;public libraries;bees;"
    "minimalism;the moon landing;plastic waste;city cycling;parenting;Shakespeare;photosynthesis;quantum computing;a rainy Monday;"
    "tourism in Iceland;learning the piano;school uniforms;fast fashion;the stock market;ancient Egypt;robots;loneliness;wolves;"
    "our new product;the annual company party;a broken promise;two rival chefs;artificial sweeteners;the water cycle;democracy;"
    "homework;a wedding;tea;migration;the Great Wall;dinosaurs;insomnia;solar panels;marathon training;cats;winter;retirement;"
    "customer loyalty;digital detox;the Silk Road;antibiotics;nuclear power;street art;a train journey;poverty;gravity;beekeeping").split(";")
PEOPLE = "Anna;Tom;my boss;the team;Maria;Dr. Lee;my landlord;Sam;mom;John Smith;Priya;the HR department;Chen;Ahmed;my sister;Olga".split(";")
PLACES = "Paris;Tokyo;the kitchen;New York;Berlin;the living room;London;Boston;Madrid;Sydney;Chicago;the office;Rome;Toronto;Delhi".split(";")
TIMES = "tomorrow at 9;at 7 pm;on Friday;next Monday;in 20 minutes;tonight;on March 3rd;this weekend;at noon;next week;every morning at 6:30".split(";")
ITEMS = "apples;pencils;tickets;marbles;books;cookies;stamps;liters of water;dollars;boxes;eggs;chairs;flowers;coins;bottles".split(";")

ROLES = ["You are", "Imagine you are", "Pretend you're", "Act as", "Act like", "Roleplay as", "Suppose you are", "You're"]
PERSONAS = (
    "a pirate;a medieval knight;a kind grandmother;an astronaut on Mars;a detective in the 1920s;a history professor;a ship's cook;"
    "a Viking;a talking cat;a nutritionist;a travel guide in {place};a philosopher;a ghost in an old castle;a robot from the future;"
    "a film director;an economist;a famous chef;a biologist;a career coach;a gardener;a therapist;Albert Einstein;Cleopatra;"
    "Sherlock Holmes;Leonardo da Vinci;a queen;a wizard;a superhero;an alien visitor;a news anchor;a stand-up comedian;a farmer;"
    "a pilot;a marine biologist;an art critic;a football coach;a vampire;a lawyer;a museum guide;a fortune teller;a soldier").split(";")
EXPERTS = {
    "coding": "You are an expert programmer;You are a senior {programming} developer;Act as a software engineer;You are a code assistant",
    "reasoning": "You are a math tutor;You are a careful problem solver;Act as a physics teacher;Think step by step;You are a logician",
    "writing": "You are a professional writer;Act as an editor;You are a copywriter;You are a journalist;You are a poet;Act as {persona}",
    "extraction": "You are an information extraction system;You are a data annotator;You are a classifier;You are a helpful assistant",
    "tools": "You are an assistant with access to tools;You are a voice assistant;You can call functions;You are an agent with a shell",
    "translation": "You are a professional translator;You are an interpreter;You are a language teacher;You are a helpful assistant",
    "general": "You are a helpful assistant;You are a friendly chatbot;Act as an expert;You are a teacher"}
EXPERTS = {label: experts.split(";") for label, experts in EXPERTS.items()}

# How an instruction {i} and a text {p} are put together.
FRAMES = [
    "{i}: {p}", "{i}:\n{p}", "{i}:\n\n{p}", "{i}\n\n{p}", "{i}\n{p}", "{i}.\n\n{p}", "{p}\n\n{i}", "{p}\n\n{i}.", "{p}\n{i}", "{i} - {p}",
    "{i}\n\"\"\"\n{p}\n\"\"\"", "{i}: \"{p}\"", "\"{p}\" {i}", "{i} \n\n### Input:\n{p}", "Text: {p}\n\nTask: {i}", "Task: {i}\nInput: {p}\nOutput:",
    "<text>\n{p}\n</text>\n\n{i}", "{i}\n\n---\n{p}\n---", "{i}\n```\n{p}\n```", "Given the text below, {j}.\n\n{p}", "Read this: {p}\n{i}",
    "I have this text:\n{p}\n\nCan you {j}?", "Could you {j}? {p}", "Please {j}: {p}", "I need you to {j}.\n{p}", "can you {j}\n\n{p}",
    "Your task is to {j}.\n\nInput: {p}", "You are a helpful assistant. {i}.\n\n{p}", "Context: {p}\n\nInstruction: {i}"]

WRITING_INSTRUCTIONS = """Summarize this|Summarise the following text in two sentences|Give me a TL;DR|Write a short summary of the article|Shorten this to 50 words
Condense this paragraph|Boil it down to three bullet points|Write an abstract for this|Rewrite this more formally|Make this sound friendlier|Make this more concise
Paraphrase the following|Rephrase this so it does not sound like a robot|Fix the grammar and spelling|Proofread this|Improve the flow of this paragraph
Rewrite in the passive voice|Rewrite this as a news headline|Come up with a catchy title for this|Suggest five titles for this text|Turn this into a poem
Turn these notes into an email|Write a reply to this message|Write a polite response|Continue the story|Write the next paragraph|Write an ending for this
Expand this into a full paragraph|Turn it into a tweet|Write a product description from this|Write a press release based on this|Simplify this for a ten year old
Rewrite it in the style of Hemingway|Make it funnier|Make it more persuasive|Change the tone to be more professional|Edit this for clarity|Polish this text
Write a review based on these notes|Draft a blog post from these points|Rewrite from the perspective of a child|Turn this dialogue into a short story|write a speech using this
Cut this down, it is too long|Write a caption for this|Write a counterargument to this|rewrite so it fits on one slide|Summarize the conversation|write meeting notes from this
Write an introduction for this text|Write a conclusion|Rewrite without using the word "very"|Create a slogan from this|Write one sentence that captures this text
Generate a headline for this article|Compress the passage to one line|Explain the gist in plain words|Retell this as a fairy tale|turn this into a cover letter"""
WRITING_PROMPTS = """Write an essay about {topic}|Write a short story about {topic}|Write a poem about {topic}|Compose a haiku about {topic}|Draft an email to {person} about {topic}
Write a blog post on {topic}|I need a speech about {topic} for {time}|Write a 500 word article on {topic}|Help me write a letter to {person}|Write song lyrics about {topic}
Give me an outline for an essay on {topic}|Write a limerick about {topic}|Create a product description for {topic}|Write a cover letter for a job at a {topic} company
Write a persuasive essay arguing that {topic} matters|Write an introduction to a paper on {topic}|Write a dialogue between two people discussing {topic}|Come up with a slogan for {topic}
Write a resignation letter to {person}|Write a thank you note to {person}|Draft a LinkedIn post about {topic}|Write a tweet about {topic}|Write a scene in which {person} discovers {topic}
Write a wedding toast for {person}|Compose an email to {person} asking for a meeting {time}|Write a screenplay about {topic}|Write an obituary for {person}|Write a children's story about {topic}
I want a sonnet on {topic}|Write a rap about {topic}|Write a fable with a moral about {topic}|write me a birthday message for {person}|Write a news report about {topic}
Write a monologue by someone who loves {topic}|Develop a marketing email that promotes {topic}|Write a complaint letter about {topic}|Write a travel blog post about a trip to {place}
Create a script for a video on {topic}|Write a job ad for someone who knows {topic}|Write a paragraph describing {place} at night|Compose a short horror story set in {place}
Write a sentence with the words {words}|Make a sentence using: {words}|Use these words in a story: {words}|Write a short paragraph that contains {words}|Write a literature review on {topic}
draft an apology to {person} for being late|Write a personal statement about {topic}|Write a eulogy|write a cold email selling {topic} to {person}|Write an Instagram caption about {topic}
Write the opening line of a novel about {topic}|Write a debate speech against {topic}|Write a proposal for a project on {topic}|Write a newsletter about {topic}|Compose a jingle about {topic}"""

EXTRACTION_INSTRUCTIONS = """Extract all names|List all the people mentioned|Extract the dates|Find every place in the text|Extract the named entities as JSON|Return the entities with their types
Pull out the key facts|Extract the keywords|List the main keywords separated by commas|Classify the sentiment as positive or negative|Is the sentiment positive, negative or neutral?
Classify this text into one of these categories: sports, politics, business, technology|Which category does this belong to: {words}?|What is the topic of this text? Answer with one label
Label this as spam or not spam|Detect the language of this text|Convert this to JSON|Turn this into a CSV table|Parse this into key-value pairs|Fill in this schema: {schema}
Extract {schema} from the text|Return JSON with the fields {schema}|Output valid JSON only with keys {schema}|Extract the phone numbers and email addresses|Find all the numbers
List all organizations|Tag the parts of speech|Identify the subject and the object of each sentence|Extract relations as triples (subject, relation, object)|Find the answer in the text: who is it about?
Answer from the passage only|Based on the passage, when did this happen? Quote the exact span|Copy the sentence which mentions a date|Extract the events in order|Make a table of the names and roles
Does the text mention a price? Answer yes or no|Is this review positive? yes/no|Rate the sentiment from 1 to 5|Determine the intent of the user|Label the intent: {words}
Classify the emotion: joy, anger, sadness, fear|Is this statement supported by the text: true, false or unknown|Does the first sentence entail the second? yes, no, maybe|Is this a question or a statement?
Extract all products and prices into a table|List the skills in this resume|Get the invoice number and total|Pull the action items out of this|Find all the acronyms|Extract the title and author
Convert the following text to XML|Transform into a markdown table|Return a list of all adjectives|Mark every location with <loc> tags|Do NER on this|Annotate the entities in BIO format
Categorize this support ticket: billing, bug, feature request|Is this toxic? Answer yes or no|Count how many people are named|Which of the following labels fits best: {words}|slot filling for {schema}
Identify the company and the amount|Extract symptoms and drugs as JSON|Give me only the URL|Who is speaking? Answer with a name from the text|Are these two sentences paraphrases of each other? yes or no"""

TRANSLATION_INSTRUCTIONS = """Translate to {language}|Translate this into {language}|Translate the following text from {language} to {language2}|Translate into {language}|{language} translation
How do you say this in {language}?|What is this in {language}?|Put this into {language}|Render this in {language}|Give me the {language} version of this|Provide a {language} translation
say this in {language}|From {language} to {language2}|{language} to {language2}|Convert this sentence to {language}|Translate literally into {language}|Translate the text between the quotes into {language}
I need this in {language}|What does this mean in {language}?|Write this in {language}|Translate this message for my {language} friend|Can you translate it to {language}|translate word for word into {language}
Localize this for {language} speakers|interpret this into {language}|Translate the email into formal {language}|translate this paragraph, target language {language}|Give the meaning in {language}
You are a professional translator. Translate into {language}|Source: {language}. Target: {language2}. Translate|Translate from {language}|Translate this code comment into {language}|In {language}, please"""
TRANSLATION_PROMPTS = """How do you say "{word}" in {language}?|What's the {language} word for {word}?|how would i say {word} in {language}|What does "{word}" mean in {language}?
translate "{word}" to {language}|What is {word} in {language}?|{word} in {language}|how to write {word} in {language}|Tell me how to say {sentence} in {language}
{language}: {sentence}\n{language2}:|{sentence} = ? ({language})|How can I tell a {language} waiter: {sentence}|I'm in {place}, how do I ask where the station is in {language}?
Teach me how to say good morning and good night in {language}|what's the right translation of {word} into {language}|Which is the correct {language} translation of "{sentence}"?"""
TRANSLATION_WORDS = "hello;thank you;cheese;where is the bathroom;I love you;happy birthday;the bill please;goodbye;dog;excuse me;cheers;water;grandfather;good luck;sorry;airport".split(";")

CODING_INSTRUCTIONS = """Explain this code|What does this code do?|Find the bug|Why does this not work?|Fix the error in this code|Refactor this function|Add comments to this code|Write unit tests for this
Optimize this|What is the time complexity of this code?|Rewrite this in {programming}|Convert this code to {programming}|Add error handling|Review this code|Simplify this function|Complete this function
Add type hints|Is this thread safe?|Write a docstring for this|Why do I get an exception here?|make this faster|How can I test this?|Is there a memory leak in this?|Port it to {programming}|Fill in the missing code"""
CODING_PROMPTS = """Write a {programming} function that returns the largest number in a list|Write a {programming} script that renames all files in a folder|How do I reverse a string in {programming}?
Implement binary search in {programming}|Implement a linked list in {programming}|Write a {programming} class for a bank account|Write a program in {programming} to check if a number is prime
What's the difference between an interface and an abstract class in {programming}?|How do I parse JSON in {programming}?|How do I center a div?|Write a SQL query to find duplicate emails
SQL: get the top 5 customers by revenue|Write a regex that matches a phone number|Create a REST API with {programming}|How do I fix "undefined is not a function"?|TypeError: 'NoneType' object is not iterable, how do I fix it?
Explain async and await in {programming}|How to read a file line by line in {programming}|Set up a Dockerfile for a {programming} app|Write a unit test for a {programming} login function
Write a {programming} program about {topic}|How do I merge two branches in git?|git rebase vs merge|segmentation fault in my {programming} code, what should I check?|Implement a LRU cache
Write a web scraper in {programming}|How can I sort a dictionary by value in {programming}?|Design a database schema for {topic}|Write a React component that shows {topic}|Implement quicksort in {programming}
Build a todo app with {programming}|how do i deploy a {programming} app on kubernetes|What does the yield keyword do in {programming}?|Write a makefile for a {programming} project|create a CSS animation for {topic}
convert list to string {programming}|{programming} sort array of objects|{programming} how to connect to a database|NullPointerException when calling a method in {programming}|Write a GraphQL schema for {topic}
Write a function `count_words(text)` that returns a dict|def is_palindrome(s: str) -> bool:|function debounce(fn, ms) {{|public static int fibonacci(int n) {{|Given an array of integers, return indices of the two numbers that add up to target
Write code to simulate {topic}|Solve this LeetCode problem in {programming}: longest common prefix|Why is my {programming} loop infinite?|Write a {programming} decorator that caches results|how to use a mutex in {programming}
You are given an integer n and an array a. Print the number of pairs with an even sum. Input: the first line contains n|Write a Bash script that backs up a database|Write an algorithm to detect a cycle in a graph
Which design pattern should I use for {topic} in {programming}?|Create a {programming} game with a player and enemies|my {programming} unit test fails with a timeout|write a cron expression for every weekday at 8"""

REASONING_PROMPTS = """{person} has {n} {item}. {person2} gives {person} {m} more. How many {item} does {person} have now?|If {n} {item} cost ${m}, how much do {k} {item} cost?|Solve for x: {n}x + {m} = {k}
What is {n} * {m}?|Calculate {n}% of {m}|What is the derivative of x^{k} + {n}x?|Evaluate the integral of x^{k} from 0 to {m}|A train travels {n} km in {k} hours. What is its average speed?
How many ways can {k} people sit in a row?|What is the probability of rolling a sum of {k} with two dice?|Prove that the square root of {k} is irrational|Find the area of a triangle with sides {k}, {n} and {m}
The sum of two numbers is {n} and their difference is {k}. What are the numbers?|If all {item} are red and some red things are heavy, are some {item} heavy?|A rectangle has perimeter {n} and width {k}. Find its area
Estimate how many piano tuners there are in {place}|How many {item} fit in a school bus? Estimate|If it takes {k} machines {k} minutes to make {k} {item}, how long would {n} machines take to make {n} {item}?
{person} is {k} years older than {person2}. In {m} years the sum of their ages will be {n}. How old is {person}?|What comes next in the sequence: {k}, {n}, {m}, ...?|Simplify ({n}x^2 - {m}x) / x
A ball is thrown upwards with {n} m/s. How high does it go?|A car accelerates from rest at {k} m/s^2 for {m} seconds. How far does it travel?|How many moles are in {n} grams of water?|Factor x^2 + {n}x + {m}
What is the remainder when {n} is divided by {k}?|Find the least common multiple of {n} and {m}|Convert {n} miles to kilometers and show your work|Three friends sit in a row. {person} is not next to {person2}. Who sits in the middle?
A bag holds {k} red and {m} blue balls. What is the probability of drawing two red ones?|Find the eigenvalues of [[{k}, 1], [0, {m}]]|If today is Tuesday, what day is it in {n} days?|A shop sells {item} at a {k}% discount. The original price is ${n}. What is the sale price?
{person} walks {k} miles north and {m} miles east. How far is {person} from the start?|Who is lying? {person} says {person2} lies. {person2} says both lie|Find all integers n such that n^2 + {k} is divisible by {m}
Let f(x) = {k}x + {m}. What is f({n})?|A farmer has {n} chickens and cows with {m} legs in total. How many cows?|A tank fills in {k} hours and empties in {m} hours. How long does it take to fill with both open?
Which is larger, {k}^{m} or {m}^{k}?|log base 2 of {n}|What is the sum of the first {n} positive integers?|How many diagonals does a polygon with {k} sides have?|Determine whether the argument is valid: if it rains, the street is wet. The street is wet. So it rained
Given the premises: all A are B; no B is C. Does it follow that no A is C?|A loan of ${n} at {k}% interest for {m} years: what is the total repaid?|Balance the equation: Fe + O2 -> Fe2O3|If I flip a coin {k} times what's the chance of exactly {m} heads
{person} saves ${k} a week. How many weeks to save ${n}?|Compute the limit of sin({k}x)/x as x goes to 0|Think step by step: {person} buys {k} {item} at ${m} each and pays with ${n}. How much change?|How much does the earth weigh? Make a rough estimate
You have {k} coins, one is fake and lighter. How many weighings do you need?|In a class of {n} students, {m} play football and {k} play chess. How many play both?|What is the pH of a {k} M solution of HCl?|Compute the determinant of the matrix"""

GENERAL_PROMPTS = """What is {topic}?|Tell me about {topic}|Who invented {topic}?|Why is {topic} important?|What is the capital of {country}?|How tall is Mount Everest?|When did the second world war end?
What should I do this weekend in {place}?|What are the pros and cons of {topic}?|Explain {topic} to me like I'm five|What's your favourite movie?|How are you today?|hi|hello there|good morning|Tell me a joke|Who are you?
Can you recommend a good book about {topic}?|I feel sad today, what can I do?|How can I sleep better?|What is the best way to learn {language}?|How do I make pancakes?|What's a healthy breakfast?|Is coffee bad for you?
Give me tips for a job interview|How do I ask {person} for a raise?|Should I buy or rent a house?|What happened in 1989?|Who was the first person on the moon?|What is the difference between a virus and a bacterium?
Why is the sky blue?|How does a refrigerator work?|What causes earthquakes?|Who wrote Don Quixote?|Which countries border {country}?|What do you think about {topic}?|Let's talk about {topic}|Do you like {topic}?
Pretend you are a pirate and tell me about your day|You are a medieval knight. How do you prepare for battle?|Act as a therapist and listen to me|Imagine you are Albert Einstein. What do you think of {topic}?
What are the symptoms of the flu?|My cat won't eat, what should I do?|How long should I boil an egg?|What are some good names for a dog?|Give me ideas for a birthday party|What is the meaning of life?
are you a robot|thanks, that was helpful|who is the president of {country}|what year did {country} become independent|what time zone is {place} in|how many people live in {place}|Explain the theory of evolution
What is the history of {place}?|Compare {topic} and {topic2}|List five interesting facts about {topic}|How can I save money?|What's the best diet to lose weight?|Can you explain how {topic} works?|Is {topic} a good investment?
Why do cats purr?|What are the main causes of {topic}?|I had a fight with {person}, any advice?|How do I get rid of ants?|What plants grow well in shade?|What is a good gift for {person}?|how do vaccines work
who won the world cup in 2014|what language do they speak in {country}|Which is better, tea or coffee?|Describe the culture of {country}|what does idiosyncratic mean|Define entropy in simple terms|What is the plot of Hamlet?
{role} {persona}. What do you think about {topic}?|{role} {persona} and explain {topic} to a child|{role} {persona}. Describe a typical day|{role} {persona}. A visitor asks about {topic}. How do you answer?
{role} {persona} and introduce yourself|{role} {persona}, and a friend asks you for advice on {topic}. What do you tell them?|{role} {persona}. Tell me about your greatest adventure|{role} {persona} giving an interview. Explain why {topic} matters to you
{role} {persona}. Share three tips about {topic}|{role} {persona}. How would you describe {place} to a stranger?|As {persona}, what would you say about {topic}?|{role} {persona}. Convince me that {topic} is worth my time|{role} {persona}. What is your opinion on {topic}?
Which of the following is true about {topic}? A. It is old B. It is new C. Both D. Neither|Which of these is the capital of {country}? (a) {place} (b) {place2}|Who discovered penicillin?|What is the term for fear of heights?|In what year did the Titanic sink?
How should I deal with a difficult coworker?|What is a good exercise for back pain?|Why do people believe in {topic}?|What would happen if the moon disappeared?|How did {topic} change society?|What are common misconceptions about {topic}?
Can you help me decide between {topic} and {topic2}?|I'm thinking about moving to {place}. What should I know?|My friend is obsessed with {topic}. What should I get them?|What is a typical dish in {country}?|Which animals live in {country}?|who sang let it be
who plays the doctor in the new series|what does the flag of {country} look like|where is {place} located|how old is the universe|what are the benefits of {topic}|explain the difference between {topic} and {topic2}|is it true that {topic} is dangerous
You are a wizard in a magic school. A student asks you about {topic}. What do you say?|As a nutritionist, what would you advise someone who loves {topic}?|Give me some advice on {topic}|Suggest a workout plan for beginners"""
SHELL = "find;list;count;delete;print the names of;copy;move;show the size of;change the owner of;make executable;sort;archive;rename".split(";")
FILES = "all files;all .py files;all directories;empty files;hidden files;symbolic links;the log files;files that contain the word error;all images".split(";")
WHERE = "in the current directory;under /var/log;in my home folder;in /tmp and below;on the server;in the folder data;starting from /".split(";")
ACTIONS = (
    "book a table in {place};check the weather in {place};send a message to {person};find the cheapest flight to {place};get the latest news on {topic};"
    "set a reminder to water the plants;look up the score of last night's game;reserve a meeting room;find a plumber near me;track my order;"
    "download my bank statement;update my profile picture;post the photo to my feed;invite {person} to the meeting;pull the sales figures from the database;"
    "find me an apartment in {place};rent a car in {place};get directions to {place};renew my passport online;convert {n} dollars to yen at today's rate;"
    "play my workout playlist;create a spreadsheet of my expenses;order groceries;schedule a doctor's appointment;cancel my subscription;"
    "search for scientific papers on {topic};fetch the contact details of {person};run the backup script;check which services are down;turn on the heating").split(";")
COUNTRIES = "France;Peru;Japan;Kenya;Norway;Canada;Brazil;India;Egypt;Mongolia;Poland;Chile;Vietnam;Ghana;Portugal;Australia".split(";")

TOOLS_PROMPTS = """Book a flight from {place} to {place2} {time}|Set an alarm {time}|Remind me to call {person} {time}|Turn off the lights in {place}|Play some jazz|Play the latest album by Adele on Spotify
What's the weather like in {place} {time}?|Will it rain in {place} {time}?|Send an email to {person} saying I'm late|Text {person} that I'm on my way|Schedule a meeting with {person} {time}|Cancel my appointment {time}
Order a pizza to {place}|Find me a hotel in {place} for under ${n}|Book a table for {k} {time}|Add milk and {item} to my shopping list|What's on my calendar {time}?|Transfer ${n} to {person}|Check my account balance
Call {person}|Get me a taxi to {place}|Track my package|Search the web for news about {topic}|Look up the current price of Bitcoin|What is the exchange rate from dollars to euros right now?|Find restaurants near me
List all files in the current directory that are larger than {n} MB|Find all .txt files modified in the last {k} days|Delete the empty folders under /tmp|Count the lines in every log file|Show the disk usage of /home
Create a new user named {person} and give sudo rights|Compress the folder logs into an archive|Kill the process that listens on port {n}|Show the running processes sorted by memory|Restart the nginx service|copy all jpg files to backup
Create a ticket in Jira for the login bug|Assign issue {n} to {person}|Update the status of order {n} to shipped|Cancel order number {n}|Get the details of customer {n}|Add a new lead to the CRM for {person}
Post this on Twitter: {sentence}|Upload the report to the shared drive and notify {person}|Download the attachment and save it|Turn the thermostat to {k} degrees|Lock the front door|Dim the lights and play relaxing music
Get the stock price of Apple|Retrieve the latest tweets about {topic}|Find a recipe with {item} using the recipe tool|I need to rent a car in {place} {time}|Renew my library book|Pay my electricity bill|Change my password
Use the search tool to find papers about {topic}|Generate an image of {topic}|I have an image cat.jpg, detect the objects in it and convert it to text|Convert the audio file talk.wav to text and then summarise it
Read out my unread messages|Show me the flights from {place} to {place2}|Move all my meetings {time} to the day after|Set a timer for {k} minutes|What time is it in {place}?|Start the vacuum cleaner|Check if {person} is free {time}
Get movie showtimes in {place}|Buy two tickets for the concert {time}|What's the traffic like to {place}?|Open the garage|Unsubscribe me from the newsletter|{shell} {files} {where}|{shell} {files} {where} and save the result to out.txt|{shell} {files} {where} that were changed in the last {k} days|recursively {shell} {files} {where}|{shell} {files} larger than {n} kilobytes {where}
Can you {act} for me?|I need to {act}. Please do it|{act}|{act} {time}|Please {act} and then {act2}|{act}, and if that fails, {act2}|hey, {act}|I'd like you to {act} {time}|First {act}, then {act2}|Could you {act}, please?|Query the database for sales in {place} {time}|Fetch the user profile with id {n}
I'm planning a trip to {place}. Find flights, a hotel and the weather|Can you check the status of my flight?|freeze my credit card|how much did I spend on groceries last month|Report a lost card|Where is my order?
play the next song|skip this track|increase the volume|what reminders do i have|wake me up {time}|delete my alarm|Find the five most recent commits and mail them to {person}|Print the environment variables of process {n}
Create an event called {topic} {time} and invite {person}|Look up the address of the nearest pharmacy|Get the IP address of this machine|Which songs did {person} like on my playlist? Add them to favourites|Mount the disk /dev/sdb1 on /mnt"""

# A label's wordings in other languages: whole prompts, or instructions where {p} stands for the text.
OTHERS = {
    "writing": """Fasse diesen Text zusammen: {p}|Schreibe ein Gedicht über {topic}|Formuliere das höflicher: {p}|Korrigiere die Grammatik: {p}|Schreib mir eine E-Mail an {person}|Résume ce texte : {p}|Écris une histoire sur {topic}
Rédige une lettre de motivation|Reformule cette phrase : {p}|Corrige les fautes : {p}|Resume este texto: {p}|Escribe un poema sobre {topic}|Redacta un correo para {person}|Reescribe esto de forma más clara: {p}|Riassumi il testo: {p}|Scrivi un racconto su {topic}
Riscrivi in modo formale: {p}|Resuma o texto a seguir: {p}|Escreva uma redação sobre {topic}|Vat deze tekst samen: {p}|Schrijf een verhaal over {topic}|Кратко перескажи текст: {p}|Напиши стихотворение про {topic}|Исправь ошибки: {p}|Напиши письмо {person}
总结以下内容：{p}|写一篇关于{topic}的文章|把这段话改得更正式：{p}|帮我写一封邮件给{person}|请润色这段文字：{p}|以下の文章を要約してください：{p}|{topic}についての作文を書いて|この文を丁寧に書き直してください：{p}|다음 글을 요약해 줘: {p}|{topic}에 대한 시를 써 줘
이 문장을 더 공손하게 고쳐 줘: {p}|لخص النص التالي: {p}|اكتب قصة عن {topic}|Şu metni özetle: {p}|{topic} hakkında bir hikaye yaz|Streść ten tekst: {p}|Napisz wiersz o {topic}|Ringkas teks ini: {p}|Buatlah cerita tentang {topic}|Tóm tắt đoạn văn sau: {p}
इस पाठ का सारांश लिखो: {p}|{topic} पर निबंध लिखो|Skriv en dikt om {topic}|Sammanfatta texten: {p}|Підсумуй текст: {p}|Напиши оповідання про {topic}|متن زیر را خلاصه کن: {p}
撰写一份关于{topic}的报告|请写一封辞职信|给下面的文章起个标题：{p}|请续写这个故事：{p}|以“{topic}”为题写一首诗|写一段产品介绍|请把下面的文字缩写到五十字以内：{p}|模仿鲁迅的风格写一段话|写一条朋友圈文案|请帮我写年终总结|为{topic}写一句广告语|Schreibe einen Aufsatz über {topic}
Gib dem Text eine Überschrift: {p}|Kürze diesen Absatz: {p}|Setze die Geschichte fort: {p}|Écris un article de blog sur {topic}|Donne un titre à ce texte : {p}
Rends ce message plus poli : {p}|Escribe un ensayo sobre {topic}|Ponle un título a este texto: {p}|Haz este párrafo más corto: {p}|Scrivi una lettera a {person}
Dai un titolo a questo testo: {p}|Escreva um e-mail para {person}|Melhore este texto: {p}|Напиши эссе на тему {topic}|Придумай заголовок: {p}|Перепиши текст в официальном стиле: {p}
Сочини сказку про {topic}|ブログ記事を書いて：{topic}|タイトルを付けてください：{p}|お礼のメールを書いて|짧은 이야기를 써 줘: {topic}|제목을 지어 줘: {p}|اكتب مقالا عن {topic}|أعد صياغة الجملة: {p}|{topic} konulu bir makale yaz
Napisz list do {person}|Tulis puisi tentang {topic}|Viết thư cho {person}|Schrijf een gedicht over {topic}""",
    "translation": """Übersetze ins Englische: {p}|Was heißt das auf Französisch? {p}|Wie sagt man "{word}" auf Spanisch?|Traduis en anglais : {p}|Comment dit-on "{word}" en allemand ?|Traduire en espagnol : {p}|Traduce al inglés: {p}|¿Cómo se dice "{word}" en francés?
Traduce esto al alemán: {p}|Traduci in inglese: {p}|Come si dice "{word}" in inglese?|Traduza para o inglês: {p}|Como se diz "{word}" em espanhol?|Vertaal naar het Engels: {p}|Hoe zeg je "{word}" in het Duits?|Переведи на английский: {p}|Как сказать "{word}" по-испански?
Переведите на русский: {p}|翻译成英文：{p}|请把下面的话翻译成法语：{p}|"{word}"用日语怎么说？|英语翻译：{p}|英語に訳してください：{p}|「{word}」はフランス語で何と言いますか|日本語に翻訳して：{p}|영어로 번역해 줘: {p}|"{word}"를 일본어로 뭐라고 해?|ترجم إلى الإنجليزية: {p}
كيف أقول "{word}" بالفرنسية؟|İngilizceye çevir: {p}|"{word}" Almanca ne demek?|Przetłumacz na angielski: {p}|Jak powiedzieć "{word}" po niemiecku?|Terjemahkan ke bahasa Inggris: {p}|Dịch sang tiếng Anh: {p}|अंग्रेज़ी में अनुवाद करो: {p}|Översätt till engelska: {p}
Переклади англійською: {p}|به انگلیسی ترجمه کن: {p}|แปลเป็นภาษาอังกฤษ: {p}|Oversæt til engelsk: {p}|Käännä englanniksi: {p}|Přelož do angličtiny: {p}|Μετάφρασε στα αγγλικά: {p}|Tradu în engleză: {p}|תרגם לאנגלית: {p}
Übersetze diesen Satz ins {language}: {p}|Traduis cette phrase en {language} : {p}|Que veut dire \"{word}\" en français ?|¿Qué significa \"{word}\"? Tradúcelo al español
Traduce la siguiente frase al {language}: {p}|Traduci la frase in {language}: {p}|Traduza a frase para {language}: {p}|Переведи фразу на {language}: {p}
Что значит \"{word}\" по-русски?|把这句话译成{language}：{p}|请翻译：{p}|这个英文句子是什么意思：{p}|次の文を{language}に翻訳してください：{p}|다음 문장을 {language}로 번역해 줘: {p}|ترجم هذه الجملة إلى {language}: {p}
Bu cümleyi {language} diline çevir: {p}|Przetłumacz zdanie na {language}: {p}|Terjemahkan kalimat ini ke {language}: {p}|Dịch câu này sang tiếng {language}: {p}
इस वाक्य का {language} में अनुवाद करो: {p}|Oversett til norsk: {p}""",
    "extraction": """Extrahiere alle Namen als Liste: {p}|Ist die Stimmung positiv oder negativ? {p}|Gib das Datum und den Ort als JSON zurück: {p}|Extrais les entités nommées : {p}|Classe ce texte (sport, politique, économie) : {p}|Extrae las fechas y los nombres: {p}
Clasifica el sentimiento: {p}|Devuelve un JSON con los campos {schema}: {p}|Estrai le parole chiave: {p}|Classifica il testo: {p}|Extraia os nomes e lugares: {p}|Classifique o sentimento: {p}|Haal alle namen uit de tekst: {p}|Извлеки все имена и даты: {p}
Определи тональность текста: {p}|Верни JSON с полями {schema}: {p}|提取以下文本中的人名和地名：{p}|判断这句话的情感：{p}|把下面的内容整理成JSON：{p}|请将文本分类：{p}|次の文章から固有名詞を抽出してください：{p}|感情を分類してください：{p}|JSONに変換して：{p}|다음 글에서 이름과 날짜를 추출해 줘: {p}
감정을 분류해 줘: {p}|استخرج الأسماء من النص: {p}|صنف المشاعر: {p}|Metindeki isimleri çıkar: {p}|Wypisz wszystkie nazwy i daty: {p}|Ekstrak semua nama dari teks: {p}|Trích xuất tên và ngày tháng: {p}|इस पाठ से नाम निकालो: {p}|Витягни всі імена: {p}
找出文中所有的日期：{p}|这段话属于哪一类：体育、财经、科技？{p}|从下面的文本中抽取{schema}，以JSON输出：{p}|这句话是正面还是负面？{p}|提取关键词：{p}|列出文中提到的公司：{p}|识别用户意图：{p}|把表格转换成JSON：{p}|根据文章回答，文章中没有就说不知道：{p}
Finde alle Datumsangaben: {p}|Klassifiziere den Text: Sport, Politik oder Wirtschaft: {p}|Liste die Schlüsselwörter auf: {p}|Wandle das in JSON um: {p}|Trouve toutes les dates : {p}
Le sentiment est-il positif ou négatif ? {p}|Convertis en JSON : {p}|Liste les mots-clés : {p}|Extrae las entidades nombradas: {p}|Convierte esto en una tabla: {p}
¿Es positivo o negativo? {p}|Lista las palabras clave: {p}|Estrai nomi e date: {p}|Il sentimento è positivo o negativo? {p}|Liste as palavras-chave: {p}|Converta em JSON: {p}
Найди все даты: {p}|Классифицируй текст: {p}|Выдели ключевые слова: {p}|キーワードを抽出して：{p}|日付をすべて見つけてください：{p}|このレビューは肯定的ですか否定的ですか：{p}|핵심 단어를 뽑아 줘: {p}|긍정인지 부정인지 판단해 줘: {p}
حول إلى JSON: {p}|Anahtar kelimeleri listele: {p}|Sklasyfikuj tekst: {p}|Apakah sentimennya positif atau negatif? {p}|Phân loại văn bản: {p}|Bepaal het sentiment: {p}""",
    "tools": """Stell den Wecker auf 7 Uhr|Schalte das Licht in der Küche aus|Wie wird das Wetter morgen in {place}?|Buche einen Flug nach {place}|Schick {person} eine Nachricht|Mets une alarme à 7 heures|Quel temps fait-il à {place} ?|Réserve un vol pour {place}|Éteins la lumière
Envoie un message à {person}|Pon una alarma a las 7|¿Qué tiempo hace en {place}?|Reserva un vuelo a {place}|Apaga las luces|Manda un correo a {person}|Imposta una sveglia alle 7|Che tempo fa a {place}?|Prenota un tavolo per {k}|Defina um alarme para as 7|Como está o tempo em {place}?
Zet de wekker op 7 uur|Wat voor weer wordt het in {place}?|Поставь будильник на 7 утра|Какая погода в {place}?|Закажи такси|Включи музыку|Отправь сообщение {person}|帮我订一张去{place}的机票|明天{place}天气怎么样|把闹钟设到七点|关灯|给{person}发消息|播放音乐|明日の{place}の天気は？
7時にアラームをセットして|電気を消して|{person}にメールを送って|내일 {place} 날씨 어때?|7시에 알람 맞춰 줘|불 꺼 줘|اضبط المنبه على السابعة|كيف الطقس في {place}؟|Alarmı 7'ye kur|{place} için uçak bileti al|Ustaw budzik na 7|Setel alarm jam 7|Đặt báo thức lúc 7 giờ|कल का मौसम कैसा है?|Nastav budík na 7
Erinnere mich morgen an den Termin mit {person}|Spiel Musik von Mozart|Lösche alle Erinnerungen|Zeig mir meine Termine für Montag|Bestell mir ein Taxi
Wie viel Geld ist auf meinem Konto?|Rappelle-moi d'appeler {person} demain|Joue de la musique|Annule mon rendez-vous|Montre-moi mes rappels|Commande une pizza
Recuérdame llamar a {person} mañana|Pon música|Cancela mi reserva|¿Qué recordatorios tengo?|Busca un restaurante en {place}|Ricordami di comprare il latte|Metti un po' di musica
Cancella il promemoria|Mostra gli appuntamenti di domani|Lembre-me de ligar para {person}|Toque uma música|Reserve um hotel em {place}|Herinner me aan de vergadering|Speel muziek af
Zal het morgen regenen?|Напомни мне завтра позвонить|Покажи мои напоминания|Забронируй отель в {place}|Будет ли завтра дождь?|提醒我明天开会|查一下我的快递|帮我叫一辆车|取消明天的闹钟|今天会下雨吗|查询{place}的航班
打开客厅的空调|リマインダーを設定して|音楽をかけて|タクシーを呼んで|明日雨は降る？|알람을 취소해 줘|음악 틀어 줘|내일 비 와?|ذكرني بالاجتماع غدا|شغل الموسيقى|Yarın yağmur yağacak mı?|Bana toplantıyı hatırlat|Przypomnij mi o spotkaniu
Czy jutro będzie padać?|Ingatkan saya besok pagi|Putar musik|Nhắc tôi gọi cho {person}|Mở nhạc|Hvordan bliver vejret i morgen?|Sæt en alarm til klokken 7|Mind mig om mødet
Kakšno bo vreme jutri?|Pokaži mi opomnike|मुझे कल याद दिलाओ""",
    "general": """Was ist {topic}?|Warum ist der Himmel blau?|Wie geht es dir?|Erzähl mir einen Witz|Was ist die Hauptstadt von {country}?|Qu'est-ce que {topic} ?|Pourquoi le ciel est-il bleu ?|Comment ça va ?|Raconte-moi une blague|Qui a écrit Don Quichotte ?|¿Qué es {topic}?|¿Cómo estás?
¿Quién inventó el teléfono?|Cuéntame un chiste|¿Cuál es la capital de {country}?|Che cos'è {topic}?|Come stai?|Chi ha dipinto la Gioconda?|O que é {topic}?|Tudo bem?|Wat is {topic}?|Hoe gaat het?|Что такое {topic}?|Как дела?|Кто написал Войну и мир?|Расскажи анекдот
什么是{topic}？|你好|你是谁|给我讲个笑话|{country}的首都是哪里|怎么才能睡得更好？|{topic}とは何ですか|元気ですか|{country}の首都はどこですか|おすすめの本を教えて|{topic}이 뭐야?|안녕하세요|농담 하나 해 줘|ما هو {topic}؟|كيف حالك؟|{topic} nedir?|Nasılsın?|Co to jest {topic}?|Apa itu {topic}?|{topic} là gì?|आप कैसे हैं?
Що таке {topic}?|Vad är {topic}?
Wer hat das Telefon erfunden?|Welche Sprache spricht man in {country}?|Wie kann ich besser schlafen?|Erkläre mir {topic}|Du bist ein Pirat. Erzähl von deinem Tag|Hast du Gefühle?
Explique-moi {topic}|Quelle est la capitale de {country} ?|Donne-moi des conseils pour mieux dormir|Tu es un chevalier, présente-toi|Explícame {topic}|¿Por qué el cielo es azul?
Dame consejos para estudiar|Eres un pirata, cuéntame tu día|Chi sei?|Spiegami {topic}|Qual è la capitale di {country}?|Quem descobriu o Brasil?|Explique {topic}
Me dê dicas para dormir melhor|Leg uit wat {topic} is|Кто ты?|Объясни, что такое {topic}|Почему небо голубое?|Посоветуй хорошую книгу|Как похудеть?|解释一下{topic}|为什么天空是蓝色的
介绍一下{country}的文化|推荐几本好书|怎样缓解压力？|你觉得{topic}怎么样|谁发明了电话|感冒了吃什么好|请扮演一位老师，告诉我{topic}是什么|{topic}について説明して|なぜ空は青いのですか|よく眠れる方法を教えて|{topic}에 대해 설명해 줘|하늘은 왜 파란가요?|من اخترع الهاتف؟
اشرح لي {topic}|Gökyüzü neden mavi?|Wyjaśnij {topic}|Kto wynalazł telefon?|Jelaskan {topic}|Siapa kamu?|Giải thích {topic}|Bạn là ai?|{topic} क्या है?|भारत की राजधानी क्या है?""",
    "coding": """Schreibe eine {programming}-Funktion, die eine Liste sortiert|Wie liest man in {programming} eine Datei?|Finde den Fehler im Code:\n{code}|Écris une fonction {programming} qui inverse une chaîne|Comment trier un tableau en {programming} ?|Explique ce code :\n{code}
Escribe una función en {programming} que sume dos números|¿Cómo leo un JSON en {programming}?|Corrige este código:\n{code}|Scrivi una funzione {programming} per calcolare il fattoriale|Escreva um programa em {programming}|Напиши функцию на {programming}, которая проверяет простое число
Как отсортировать список в {programming}?|Найди ошибку в коде:\n{code}|用{programming}写一个冒泡排序|{programming}怎么读取文件？|解释这段代码：\n{code}|写一个SQL查询，统计每个国家的用户数|{programming}でリストを逆順にする方法|このコードを説明してください：\n{code}|{programming}로 피보나치 함수를 작성해 줘
{programming}에서 파일을 읽는 방법|اكتب دالة {programming} لعكس نص|{programming} ile bir fonksiyon yaz|Napisz funkcję w {programming}|Buat fungsi {programming} untuk mengurutkan data|Viết hàm {programming} kiểm tra số nguyên tố
Warum funktioniert dieser Code nicht?\n{code}|Implementiere eine binäre Suche in {programming}|Écris une requête SQL qui compte les clients|Pourquoi ce code ne marche pas ?\n{code}
Implementa una lista enlazada en {programming}|Explica este código:\n{code}|Correggi questo codice:\n{code}|Como ordenar uma lista em {programming}?|Explique este código:\n{code}
Реализуй бинарный поиск на {programming}|Объясни этот код:\n{code}|用{programming}实现二分查找|这段代码为什么报错？\n{code}|给这个函数写单元测试：\n{code}|写一个正则表达式匹配手机号|リストをソートする{programming}の関数を書いて
このコードのバグを見つけて：\n{code}|이 코드를 설명해 줘:\n{code}|{programming}로 정렬 함수를 구현해 줘|Bu kodu açıkla:\n{code}|Wyjaśnij ten kod:\n{code}""",
    "reasoning": """{person} hat {n} {item} und gibt {k} weg. Wie viele bleiben?|Löse die Gleichung {k}x + {m} = {n}|Wie groß ist die Wahrscheinlichkeit, eine {k} zu würfeln?|{person} a {n} {item} et en donne {k}. Combien en reste-t-il ?|Résous l'équation {k}x + {m} = {n}
{person} tiene {n} {item} y compra {k} más. ¿Cuántos tiene?|Resuelve: {k}x - {m} = {n}|¿Cuál es la derivada de x^{k}?|Quanto fa {n} per {m}?|{person} tem {n} {item} e perde {k}. Quantos sobram?|У {person} {n} яблок, {k} она отдала. Сколько осталось?|Реши уравнение {k}x + {m} = {n}
小明有{n}个苹果，吃了{k}个，还剩几个？|解方程：{k}x + {m} = {n}|求函数f(x)=x^{k}+{n}x的导数|一辆车{k}小时行驶{n}公里，速度是多少？|{n}個のりんごから{k}個食べました。残りは何個ですか|方程式 {k}x + {m} = {n} を解いてください|사과 {n}개 중 {k}개를 먹으면 몇 개 남을까?|{k}x + {m} = {n} 방정식을 풀어 줘
احسب {n} ضرب {m}|{n} çarpı {m} kaç eder?|Ile to jest {n} razy {m}?|Berapa {n} kali {m}?|{n} nhân {m} bằng bao nhiêu?|{n} और {m} का गुणनफल क्या है?
Berechne {n} mal {m}|Ein Zug fährt {n} km in {k} Stunden. Wie schnell ist er?|Beweise, dass Wurzel {k} irrational ist|Calcule la dérivée de x^{k}
Un train parcourt {n} km en {k} heures. Quelle est sa vitesse ?|Calcula el área de un triángulo de base {k} y altura {m}|Un tren recorre {n} km en {k} horas. ¿A qué velocidad va?
Risolvi l'equazione {k}x + {m} = {n}|Calcule a raiz quadrada de {n}|Найди производную x^{k}|Поезд проехал {n} км за {k} часов. Какова его скорость?|一个长方形长{n}米，宽{m}米，面积是多少？
小红比小明大{k}岁，小明{m}岁，小红几岁？|从{n}个球中取{k}个，有多少种取法？|証明してください：√{k}は無理数である|時速{n}kmで{k}時間走ると何km進みますか|{k}개의 동전을 던질 때 모두 앞면일 확률은?|حل المعادلة {k}x + {m} = {n}|{k}x + {m} = {n} denklemini çöz
Rozwiąż równanie {k}x + {m} = {n}|Selesaikan {k}x + {m} = {n}|Giải phương trình {k}x + {m} = {n}"""}


def _lines(block):
    return [wording for line in block.split("\n") for wording in line.replace("\\n", "\n").split("|")]


INSTRUCTIONS = {"writing": _lines(WRITING_INSTRUCTIONS), "extraction": _lines(EXTRACTION_INSTRUCTIONS),
                "translation": _lines(TRANSLATION_INSTRUCTIONS), "coding": _lines(CODING_INSTRUCTIONS)}
PROMPTS = {"writing": _lines(WRITING_PROMPTS), "translation": _lines(TRANSLATION_PROMPTS), "coding": _lines(CODING_PROMPTS),
           "reasoning": _lines(REASONING_PROMPTS), "general": _lines(GENERAL_PROMPTS), "tools": _lines(TOOLS_PROMPTS)}
OTHER_LANGUAGES = {label: _lines(block) for label, block in OTHERS.items()}

# Share of a label's prompts that are an instruction with a text.
INSTRUCTION_SHARE = {"writing": 0.5, "extraction": 1.0, "translation": 0.8, "coding": 0.35}


class Prompts:
    """Draws made-up prompts of a label. Texts come from the routing rows given and from the unlabelled rows."""

    def __init__(self, rows, unlabelled, rng):
        self.rng = rng
        self.sentences, self.passages = [], []
        for row in rng.sample(unlabelled, min(len(unlabelled), 20000)):
            text = row["text"].replace("<|endoftext|>", "")
            for part in re.split(r"(?<=[.!?。])\s+|\n+", text)[:6]:
                if 20 < len(part) < 220:
                    self.sentences.append(part.strip())
            if 200 < len(text) < 1500:
                self.passages.append(text.strip())
        self.requests = [row["text"] for row in rows if len(row["text"]) < 250]
        code = [row["text"].split("\n", 1)[-1] for row in rows if row["label"] == "coding" and "\n" in row["text"]]
        self.code = [text for text in code if re.search(r"[;{}=]|def |\(\)", text) and len(text) < 800]

    def draw(self, label):
        prompt = self._draw(label)
        if self.rng.random() < 0.06:
            prompt = self._fill(self.rng.choice(EXPERTS[label])) + self.rng.choice([". ", ".\n", ".\n\n", ", "]) + prompt
        return prompt

    def _draw(self, label):
        rng = self.rng
        if rng.random() < 0.22:
            return self._fill(rng.choice(OTHER_LANGUAGES[label]))
        if rng.random() < INSTRUCTION_SHARE.get(label, 0):
            instruction = self._fill(rng.choice(INSTRUCTIONS[label])).rstrip(":")
            text = rng.choice(self.code) if label == "coding" else self._text()
            lowered = instruction[0].lower() + instruction[1:]
            return rng.choice(FRAMES).replace("{i}", instruction).replace("{j}", lowered.rstrip("?")).replace("{p}", text)
        prompt = self._fill(rng.choice(PROMPTS[label]))
        return prompt if prompt[-1] in ".?!:{" else prompt + rng.choice(["", "", "."])

    def _text(self):
        draw = self.rng.random()
        if draw < 0.45:
            return self.rng.choice(self.sentences)
        if draw < 0.7:
            return self.rng.choice(self.passages)
        if draw < 0.95 or not self.code:
            return self.rng.choice(self.requests)
        return self.rng.choice(self.code)

    def _fill(self, wording):
        rng = self.rng
        slots = {
            "{role}": ROLES, "{persona}": PERSONAS, "{shell}": SHELL, "{files}": FILES, "{where}": WHERE, "{act2}": ACTIONS, "{act}": ACTIONS,
            "{language2}": LANGUAGES, "{language}": LANGUAGES, "{programming}": PROGRAMMING, "{topic2}": TOPICS, "{topic}": TOPICS,
            "{person2}": PEOPLE, "{person}": PEOPLE, "{place2}": PLACES, "{place}": PLACES, "{time}": TIMES, "{item}": ITEMS,
            "{country}": COUNTRIES, "{word}": TRANSLATION_WORDS}
        for slot, values in slots.items():
            if slot in wording:
                wording = wording.replace(slot, rng.choice(values))
        if "{words}" in wording:
            wording = wording.replace("{words}", ", ".join(rng.sample(rng.choice(self.sentences).split() + ITEMS, 3)).lower())
        if "{schema}" in wording:
            fields = rng.sample("name date place person price quantity email company title age time product city reason".split(), rng.randint(2, 4))
            wording = wording.replace("{schema}", rng.choice([", ".join(fields), "{" + ", ".join(f'"{f}": null' for f in fields) + "}"]))
        wording = wording.replace("{n}", str(rng.randint(10, 500))).replace("{m}", str(rng.randint(2, 60))).replace("{k}", str(rng.randint(2, 12)))
        if "{code}" in wording:
            wording = wording.replace("{code}", rng.choice(self.code))
        if "{sentence}" in wording:
            wording = wording.replace("{sentence}", rng.choice(self.sentences))
        if "{p}" in wording:
            wording = wording.replace("{p}", self._text())
        return wording.replace("{{", "{")
