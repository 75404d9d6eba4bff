package tag

// Names that doctors and patients use every day and that are nobody's, written down from general knowledge.

var (
	// whom tests, signs, scores and operations are called after: they count with such a word behind them
	inventors = hashes("apgar", "wells", "glasgow", "murphy", "mcburney", "rovsing", "romberg", "lachman", "mcmurray", "phalen", "tinel", "finkelstein",
		"spurling", "hoffmann", "babinski", "brudzinski", "kernig", "ballard", "braden", "norton", "morse", "barthel", "katz", "lawton", "beck", "hamilton",
		"bishop", "mallampati", "ranson", "framingham", "gleason", "breslow", "pugh", "nissen", "whipple", "billroth", "hartmann",
		"bartholin", "pfannenstiel", "coombs", "mantoux", "schirmer", "rinne", "weber", "snellen", "ishihara", "amsler", "valsalva", "epley", "dix",
		"hallpike", "heimlich", "trendelenburg", "ortolani", "barlow", "thompson", "ober", "hawkins", "neer", "jobe", "yergason", "speed",
		"ottawa", "centor", "mcisaac", "geneva", "caprini", "cockcroft", "gault", "friedewald", "mosteller", "parkland", "holter", "swan", "ganz", "foley",
		"gram", "giemsa", "papanicolaou", "pap", "westergren", "bence", "trousseau", "chvostek", "cullen", "homan", "homans",
		"kehr", "levine", "nikolsky", "auspitz", "wickham", "koebner", "gower", "gowers", "lhermitte", "kussmaul", "cheyne", "stokes", "biot", "edinburgh",
		"epworth", "berlin", "conners", "vanderbilt", "denver", "tanner", "bayley", "wechsler", "rorschach", "stroop", "borg", "ashworth", "berg", "tinetti",
		"rankin", "hoehn", "yahr", "kurtzke", "hess", "spetzler", "salter", "gustilo", "weber", "rutherford", "forrest", "killip",
		"bosniak", "fitzpatrick", "norwood", "ludwig", "hamwi", "naegele", "mcdonald", "leopold", "mcroberts", "kegel", "schober", "bouchard", "heberden")

	// what drugs and devices are sold as
	brands = hashes("ozempic", "wegovy", "mounjaro", "zepbound", "trulicity", "victoza", "saxenda", "rybelsus", "jardiance", "farxiga", "forxiga", "invokana",
		"januvia", "janumet", "tradjenta", "trajenta", "metformin", "glucophage", "lantus", "toujeo", "basaglar", "levemir", "tresiba", "humalog", "novolog",
		"novorapid", "apidra", "fiasp", "admelog", "humulin", "novolin", "eliquis", "xarelto", "pradaxa", "savaysa", "coumadin", "warfarin", "plavix", "brilinta",
		"effient", "lovenox", "clexane", "heparin", "lipitor", "crestor", "zocor", "pravachol", "zetia", "repatha", "praluent", "nexletol", "entresto", "norvasc",
		"lisinopril", "losartan", "cozaar", "diovan", "benicar", "micardis", "toprol", "lopressor", "coreg", "tenormin", "lasix", "bumex", "aldactone", "synthroid",
		"levothyroxine", "levoxyl", "euthyrox", "tylenol", "paracetamol", "panadol", "advil", "motrin", "ibuprofen", "nurofen", "aleve", "naproxen",
		"aspirin", "celebrex", "mobic", "voltaren", "toradol", "percocet", "vicodin", "norco", "oxycontin", "oxycodone", "hydrocodone", "tramadol", "ultram",
		"fentanyl", "suboxone", "subutex", "methadone", "narcan", "naloxone", "vivitrol", "gabapentin", "neurontin", "lyrica", "cymbalta", "effexor", "pristiq",
		"prozac", "zoloft", "lexapro", "celexa", "paxil", "wellbutrin", "remeron", "trazodone", "abilify", "seroquel", "risperdal", "zyprexa", "geodon", "latuda",
		"lithium", "lamictal", "depakote", "tegretol", "trileptal", "keppra", "topamax", "dilantin", "xanax", "ativan", "klonopin", "valium", "ambien", "lunesta",
		"adderall", "ritalin", "concerta", "vyvanse", "strattera", "intuniv", "albuterol", "ventolin", "proair", "proventil", "salbutamol", "symbicort", "advair",
		"seretide", "flovent", "pulmicort", "spiriva", "trelegy", "breo", "dulera", "singulair", "zyrtec", "claritin", "allegra", "benadryl", "flonase", "nasonex",
		"sudafed", "mucinex", "robitussin", "epipen", "prednisone", "prednisolone", "medrol", "decadron", "dexamethasone", "humira", "enbrel", "remicade", "stelara",
		"cosentyx", "taltz", "skyrizi", "tremfya", "otezla", "xeljanz", "rinvoq", "dupixent", "xolair", "nucala", "fasenra", "methotrexate", "plaquenil", "imuran",
		"cellcept", "prograf", "tacrolimus", "keytruda", "opdivo", "herceptin", "avastin", "rituxan", "ocrevus", "tysabri", "copaxone", "gilenya", "tecfidera",
		"tamoxifen", "arimidex", "femara", "ibrance", "gleevec", "imbruvica", "revlimid", "velcade", "neulasta", "zofran", "reglan", "compazine", "prilosec",
		"nexium", "prevacid", "protonix", "pepcid", "zantac", "tums", "imodium", "miralax", "dulcolax", "colace", "senna", "linzess", "amoxicillin", "augmentin",
		"keflex", "zithromax", "azithromycin", "doxycycline", "cipro", "levaquin", "bactrim", "septra", "macrobid", "flagyl", "diflucan", "valtrex", "acyclovir",
		"tamiflu", "paxlovid", "truvada", "descovy", "biktarvy", "genvoya", "shingrix", "gardasil", "prevnar", "pneumovax", "comirnaty", "spikevax",
		"mirena", "kyleena", "skyla", "paragard", "nexplanon", "implanon", "depo-provera", "nuvaring", "yaz", "yasmin", "clomid", "premarin", "estrace",
		"viagra", "cialis", "levitra", "flomax", "proscar", "avodart", "propecia", "rogaine", "accutane", "differin", "retin-a", "botox", "juvederm", "prolia",
		"fosamax", "boniva", "actonel", "reclast", "evenity", "forteo", "imitrex", "maxalt", "aimovig", "ajovy", "emgality", "nurtec", "ubrelvy", "aricept",
		"namenda", "sinemet", "mirapex", "requip", "dexcom", "libre", "freestyle", "omnipod", "medtronic", "tandem", "fitbit", "tirzepatide", "semaglutide",
		"liraglutide", "dulaglutide", "empagliflozin", "dapagliflozin", "apixaban", "rivaroxaban", "dabigatran", "nolotil", "enantyum", "gelocatil", "efferalgan",
		"sintrom", "orfidal", "trankimazin", "lexatin", "frenadol", "urbason", "adiro", "omeprazol", "dalsy", "apiretal", "betadine", "augmentine")
)
